// A gateway under steady load for minutes: 30 % streams, 10 % clients that leave in the middle of an answer, limits, a hard budget and a cached prompt in the way of every
// request. Tells by how much memory grows, with an interval, and whether descriptors do; each request must be recorded once.
//
//   node bench/soak.ts [--minutes 2] [--rate 200]
//
// In less than four minutes memory is measured but not judged: caches and heap are still filling.
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { INTERNAL_TOKEN_FILE } from '../src/contract/internal.ts';
import { besideLoad } from './gateway/targets.ts';
import { SoakLoad } from './soak/load.ts';
import { slopeOf } from './soak/slope.ts';
import { startSpoolSink } from './soak/spool-sink.ts';
import { SOAK_UPSTREAM_PORT, soakSnapshot } from './soak/workspace.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '2' }, rate: { type: 'string', default: '200' } },
});
const seconds = Number(values.minutes) * 60;
const PORT = 18_297;
/** Memory is judged in runs as long as this at least: its caches and the heap take some three minutes to fill. */
const LEAST_MINUTES = 4;
/** Share of the run in which caches fill and code is compiled. */
const WARM_UP = 0.25;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function startGateway(folder: string, consoleUrl: string): Promise<ChildProcess> {
  mkdirSync(folder, { recursive: true });
  const body = JSON.stringify(soakSnapshot());
  writeFileSync(join(folder, 'snapshot.json'), `${createHash('sha256').update(body).digest('hex')}\n${body}`);
  writeFileSync(join(folder, INTERNAL_TOKEN_FILE), 'soak');
  const paths = { data_folder: folder, workspace_folder: folder };
  const settings = JSON.stringify({ ...paths, host: '127.0.0.1', port: PORT, console_url: consoleUrl });
  const program = fileURLToPath(new URL('../src/app/gateway.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, settings], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  for (let tries = 0; tries < 400; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${PORT}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.status === 200) return child;
    await pause(50);
  }
  throw new Error('the gateway does not answer');
}

interface Sample {
  readonly second: number;
  readonly megabytes: number;
  readonly descriptors: number;
}

function sample(pid: number, second: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  return { second, megabytes, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

const scratch = mkdtempSync(join(tmpdir(), 'binnacle-soak-'));
const upstream = besideLoad('../soak/upstream.ts', [String(SOAK_UPSTREAM_PORT)]);
await new Promise((resolve) => upstream.once('message', resolve));
const sink = await startSpoolSink();
const gateway = await startGateway(join(scratch, 'gateway'), sink.url);
const pid = gateway.pid ?? 0;
try {
  const samples: Sample[] = [];
  const load = new SoakLoad({ port: PORT, rate: Number(values.rate), seed: 1 });
  const descriptorsBefore = sample(pid, 0).descriptors;
  load.start();
  for (let second = 1; second <= seconds; second += 1) {
    await pause(1000);
    samples.push(sample(pid, second));
    if (second % 30 === 0) {
      const { megabytes, descriptors } = samples.at(-1) ?? sample(pid, second);
      console.error(`${second} s: ${round(megabytes, 1)} MB, ${descriptors} descriptors, ${load.sent} sent`);
    }
  }
  const outcomes = await load.stop();
  for (let tries = 0; tries < 100 && sink.ends() < load.sent; tries += 1) await pause(100);
  await pause(2000);
  const descriptorsAfter = sample(pid, seconds).descriptors;
  const warm = samples.filter(({ second }) => second > seconds * WARM_UP);
  const memory = slopeOf(warm.map(({ second, megabytes }) => [second / 60, megabytes]));
  const lastHalf = slopeOf(
    warm.slice(warm.length / 2).map(({ second, megabytes }) => [second / 60, megabytes]),
  );
  const inUse = slopeOf(warm.map(({ second, descriptors }) => [second / 60, descriptors]));
  const megabytes = warm.map((one) => one.megabytes);
  const report = {
    minutes: Number(values.minutes),
    sent: load.sent,
    outcomes,
    recorded_once: sink.ends(),
    recorded_statuses: sink.statuses(),
    memory_mb: { least: round(Math.min(...megabytes), 1), most: round(Math.max(...megabytes), 1) },
    memory_slope_mb_per_minute: memory,
    memory_slope_last_half_mb_per_minute: lastHalf,
    descriptors: { before: descriptorsBefore, after: descriptorsAfter, slope_per_minute: inUse },
  };
  console.log(JSON.stringify(report, null, 2));
  // While caches fill and the heap takes its size memory grows: what is asked of is the last half. At the upper end of its interval it must
  // come to less than a twentieth of what is held.
  const minutesOfLastHalf = (seconds * (1 - WARM_UP)) / 2 / 60;
  const isWarm = Number(values.minutes) >= LEAST_MINUTES;
  const isFlat = lastHalf.interval[1] * minutesOfLastHalf < 0.05 * Math.max(...megabytes);
  // Connections kept open on both sides come and go with the load; what leaks would add up.
  const areDescriptorsFlat = inUse.interval[0] <= 0;
  const brokenOff = (sink.statuses()['disconnected'] ?? 0) / Math.max(1, load.sent);
  const isWhole = sink.ends() === load.sent && outcomes.failed === 0;
  for (const [promise, isKept] of [
    ['memory is flat', isWarm ? isFlat : null],
    ['descriptors do not grow', areDescriptorsFlat],
    [
      `one in ten broken off in the middle (${round(100 * brokenOff, 1)} %)`,
      Math.abs(brokenOff - 0.1) < 0.02,
    ],
    ['each request answered and recorded once', isWhole],
  ] as const) {
    // The shortest run is for finding what breaks at once: of memory it tells nothing.
    const how = isKept === null ? 'not judged' : isKept ? 'kept' : 'NOT KEPT';
    console.log(`${how}: ${promise}`);
    if (isKept === false) process.exitCode = 1;
  }
} finally {
  gateway.kill('SIGTERM');
  upstream.kill();
  await sink.close();
  await pause(1000);
  rmSync(scratch, { recursive: true, force: true });
}
