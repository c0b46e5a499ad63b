// One measurement of one target: the load generator as a process of its own, and the target's processor time over the counted window.
import type { LoadOrder, LoadResult } from './load-generator.ts';
import type { Measurement } from './report.ts';
import { besideLoad, cpuSeconds, memoryMegabytes, type Target } from './targets.ts';

/** Runs one load; CPU is read at the edges of the counted window. */
export function measure(
  target: Target,
  order: Omit<LoadOrder, 'port' | 'path' | 'headers'>,
): Promise<Measurement> {
  const child = besideLoad('load-generator.ts', [
    JSON.stringify({
      ...order,
      port: target.port,
      path: target.path,
      headers: target.headers,
      ...(target.body === undefined ? {} : { body: target.body }),
    } satisfies LoadOrder),
  ]);
  let before = 0;
  let cpu = 0;
  return new Promise((resolve, reject) => {
    child.on('message', (message: string | LoadResult) => {
      if (message === 'counting') before = cpuSeconds(target);
      else if (message === 'counted') cpu = cpuSeconds(target) - before;
      else if (typeof message !== 'string')
        resolve({
          ...message,
          target: target.name,
          load: order.load,
          rate: order.rate,
          cpuMicroseconds: (cpu / Math.max(1, message.requests)) * 1e6,
          memory: memoryMegabytes(target),
        });
    });
    child.on('error', reject);
    child.on('exit', (code) => code !== 0 && reject(new Error(`load generator ended with ${code}`)));
  });
}
