// What the default guardrails cost on the way of a request: the same gateway with them and without any, interleaved, by throughput and by
// processor time a request. Exit code 1 when a load keeps less than 0.7 of its figure. Only 127.0.0.1 is loaded.
//
//   node bench/guarded-gateway.ts [--seconds 3 --rounds 3]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LoadOrder, LoadResult } from './gateway/load-generator.ts';
import { besideLoad, cpuSeconds, startBinnacle, startUpstream, type Target } from './gateway/targets.ts';
import type { Load } from './gateway/wire.ts';

const AT_LEAST = 0.7;
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, rounds: { type: 'string', default: '3' } },
});

interface Figure {
  readonly perSecond: number;
  readonly cpu: number;
  readonly failures: number;
}

function measure(target: Target, load: Load, warmup: number): Promise<Figure> {
  const { port, path, headers } = target;
  const order: LoadOrder = {
    port,
    path,
    headers,
    load,
    warmup,
    connections: 64,
    rate: 0,
    seconds: Number(values.seconds),
  };
  const child = besideLoad('load-generator.ts', [JSON.stringify(order)]);
  let before = 0;
  let cpu = 0;
  return new Promise((resolve, reject) => {
    child.on('message', (message: string | LoadResult) => {
      if (message === 'counting') before = cpuSeconds(target);
      else if (message === 'counted') cpu = cpuSeconds(target) - before;
      else if (typeof message !== 'string') {
        const { perSecond, failures, requests } = message;
        resolve({ perSecond, failures, cpu: (cpu / Math.max(1, requests)) * 1e6 });
      }
    });
    child.on('exit', (code) => code !== 0 && reject(new Error(`load generator ended with ${code}`)));
  });
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

const scratch = mkdtempSync(join(tmpdir(), 'binnacle-guards-'));
const upstream = await startUpstream();
const bare = { sets: { default: { input: [], output: [] } } };
const guarded = await startBinnacle(scratch, 'process', 18_096, {}, 'guarded');
const unguarded = await startBinnacle(scratch, 'process', 18_097, bare, 'unguarded');
let holds = true;
try {
  for (const load of ['json-1.5k', 'stream-40', 'json-20k'] as const) {
    const figures: Record<'with' | 'without', Figure[]> = { with: [], without: [] };
    for (let round = 0; round < Number(values.rounds); round += 1) {
      figures.without.push(await measure(unguarded, load, round === 0 ? 2 : 0.5));
      figures.with.push(await measure(guarded, load, round === 0 ? 2 : 0.5));
    }
    const of = (which: 'with' | 'without', name: keyof Figure): number =>
      median(figures[which].map((figure) => figure[name]));
    const byThroughput = of('with', 'perSecond') / of('without', 'perSecond');
    const byCpu = of('without', 'cpu') / of('with', 'cpu');
    holds &&= Math.max(byThroughput, byCpu) >= AT_LEAST;
    const figure = (which: 'with' | 'without'): string =>
      `${of(which, 'perSecond').toFixed(0)}/s ${of(which, 'cpu').toFixed(0)} µs`;
    console.log(
      `${load.padEnd(10)} without ${figure('without')} · with ${figure('with')} · kept ${byThroughput.toFixed(2)} by throughput, ${byCpu.toFixed(2)} by CPU · failures ${of('with', 'failures')}`,
    );
  }
} finally {
  guarded.stop();
  unguarded.stop();
  upstream.kill();
  await new Promise((resolve) => setTimeout(resolve, 500));
  rmSync(scratch, { recursive: true, force: true });
}
console.log(holds ? `kept at least ${AT_LEAST} of each` : `less than ${AT_LEAST} of one`);
process.exitCode = holds ? 0 : 1;
