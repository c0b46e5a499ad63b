// Where the gateway's processor time and memory go under load, as numbers: self time by function and by room in µs a request, the share of
// garbage collection, and bytes allocated a request by site. Load generator and mock upstream on core 0, the gateway alone on core 1.
//
//   node bench/gateway/profile.ts [--target process|durable|guarded|limits|cache-miss|cache-hit|all] [--load json-1.5k] [--rate N] [--seconds 8] [--top 15] [--out DIR] [--json]
//
// Both profiles are taken through the engine's inspector once the target is warm, one after the other, so that start and compilation are not
// in them and neither sees what the other costs. Allocations count also what was collected again; memory outside the heap (buffers) is not in them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attachInspector, type Inspector } from './inspector.ts';
import type { LoadOrder, LoadResult } from './load-generator.ts';
import { allocations, selfTimes, type CpuProfile, type HeapProfile } from './profile-figures.ts';
import { showProfile, type ProfileReport } from './profile-report.ts';
import {
  askedForPrompt,
  besideLoad,
  cpuSeconds,
  startBinnacle,
  startLimited,
  startUpstream,
  type Target,
} from './targets.ts';
import type { Load } from './wire.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string', default: 'process' },
    load: { type: 'string', default: 'json-1.5k' },
    rate: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '8' },
    top: { type: 'string', default: '15' },
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const INSPECTOR_PORT = 18_089;
const PORT = 18_097;
const NO_GUARDRAILS = { sets: { default: { input: [], output: [] } } };
/** Long enough for the engine's optimising compiler to be done. */
const WARM_SECONDS = 6;

const starters: Record<string, (scratch: string) => Promise<Target>> = {
  durable: (scratch) => startBinnacle(scratch, 'durable', PORT, NO_GUARDRAILS),
  process: (scratch) => startBinnacle(scratch, 'process', PORT, NO_GUARDRAILS),
  guarded: (scratch) => startBinnacle(scratch, 'process', PORT, {}, 'binnacle guarded'),
  limits: (scratch) => startLimited(scratch, PORT, NO_GUARDRAILS, 'binnacle limits'),
  'cache-miss': async (scratch) =>
    askedForPrompt(
      await startLimited(scratch, PORT, NO_GUARDRAILS, 'binnacle limits'),
      'binnacle cache miss',
      true,
    ),
  'cache-hit': async (scratch) =>
    askedForPrompt(
      await startLimited(scratch, PORT, NO_GUARDRAILS, 'binnacle limits'),
      'binnacle cache hit',
      false,
    ),
  all: (scratch) => startLimited(scratch, PORT, {}, 'binnacle all on'),
};

/** Starts a target whose inspector, once asked for, listens where this looks. */
async function startTarget(scratch: string): Promise<Target> {
  const start = starters[values.target];
  if (start === undefined)
    throw new Error(`no target named ${values.target}; there are: ${Object.keys(starters).join(', ')}`);
  const before = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = `${before ?? ''} --inspect-port=127.0.0.1:${INSPECTOR_PORT}`;
  const target = await start(scratch);
  if (before === undefined) delete process.env['NODE_OPTIONS'];
  else process.env['NODE_OPTIONS'] = before;
  return target;
}

interface Window<T> extends LoadResult {
  readonly profile: T;
  readonly cpuSeconds: number;
}

/** One load, with `begin` and `end` around its counted window. */
function underLoad<T>(
  target: Target,
  seconds: number,
  warmup: number,
  begin: () => Promise<unknown>,
  end: () => Promise<T>,
): Promise<Window<T>> {
  const order: LoadOrder = {
    port: target.port,
    path: target.path,
    headers: target.headers,
    load: values.load as Load,
    ...(target.body === undefined ? {} : { body: target.body }),
    connections: 64,
    rate: Number(values.rate),
    seconds,
    warmup,
  };
  const child = besideLoad('load-generator.ts', [JSON.stringify(order)]);
  let started = Promise.resolve<unknown>(undefined);
  let ended: Promise<T> | undefined;
  let cpu = 0;
  return new Promise((resolve, reject) => {
    child.on('message', (message: string | LoadResult) => {
      if (message === 'counting') {
        started = begin();
        cpu = cpuSeconds(target);
      } else if (message === 'counted') {
        cpu = cpuSeconds(target) - cpu;
        ended = started.then(end);
        ended.catch(reject);
      } else if (typeof message !== 'string')
        void ended?.then((profile) => resolve({ ...message, profile, cpuSeconds: cpu }));
    });
    child.on('error', reject);
    child.on('exit', (code) => code !== 0 && reject(new Error(`load generator ended with ${code}`)));
  });
}

function cpuWindow(inspector: Inspector, target: Target, seconds: number): Promise<Window<CpuProfile>> {
  return underLoad(
    target,
    seconds,
    0.7,
    async () => {
      await inspector.call('Profiler.enable');
      await inspector.call('Profiler.setSamplingInterval', { interval: 250 });
      await inspector.call('Profiler.start');
    },
    async () => (await inspector.call<{ profile: CpuProfile }>('Profiler.stop')).profile,
  );
}

function heapWindow(inspector: Inspector, target: Target, seconds: number): Promise<Window<HeapProfile>> {
  return underLoad(
    target,
    seconds,
    0.7,
    () =>
      inspector.call('HeapProfiler.startSampling', {
        samplingInterval: 16_384,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      }),
    async () => (await inspector.call<{ profile: HeapProfile }>('HeapProfiler.stopSampling')).profile,
  );
}

async function profile(target: Target): Promise<ProfileReport> {
  const seconds = Number(values.seconds);
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  await underLoad(target, 1, WARM_SECONDS, nothing, nothing);
  const bare = await underLoad(target, seconds / 2, 0.7, nothing, nothing);
  const inspector = await attachInspector(target.pids[0] ?? 0, INSPECTOR_PORT);
  try {
    const cpu = await cpuWindow(inspector, target, seconds);
    const heap = await heapWindow(inspector, target, seconds);
    if (values.out !== undefined) {
      mkdirSync(values.out, { recursive: true });
      writeFileSync(join(values.out, `${values.target}.cpuprofile`), JSON.stringify(cpu.profile));
      writeFileSync(join(values.out, `${values.target}.heapprofile`), JSON.stringify(heap.profile));
    }
    const { result } = await inspector.call<{ result: { value: NodeJS.MemoryUsage } }>('Runtime.evaluate', {
      expression: 'process.memoryUsage()',
      returnByValue: true,
    });
    return {
      target: target.name,
      load: values.load,
      rate: Number(values.rate),
      perSecond: bare.perSecond,
      p50: bare.p50,
      p99: bare.p99,
      failures: bare.failures + cpu.failures + heap.failures,
      processMicroseconds: (bare.cpuSeconds * 1e6) / bare.requests,
      cpu: selfTimes(cpu.profile, cpu.requests),
      heap: allocations(heap.profile, heap.requests),
      memory: result.value,
    };
  } finally {
    inspector.close();
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'binnacle-profile-'));
const upstream = await startUpstream();
let target: Target | undefined;
try {
  target = await startTarget(scratch);
  const report = await profile(target);
  console.log(values.json ? JSON.stringify(report) : showProfile(report, Number(values.top)));
} finally {
  target?.stop();
  upstream.kill();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  rmSync(scratch, { recursive: true, force: true });
}
