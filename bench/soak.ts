// A gateway under steady load for minutes: 30 % streams, 10 % clients that leave in the middle of an answer, limits, a hard budget and a cached prompt in the way of every
// request. Tells by how much memory grows, with an interval, and whether descriptors do, told apart by what they lead to; each request must be recorded once.
//
//   node bench/soak.ts [--minutes 2] [--rate 200] [--vendor-keeps 600] [--plant files,vendor,clients,memory]
//
// `--vendor-keeps`: seconds for which the vendor says to keep a connection without use; the gateway keeps it for a minute at most.
// In less than four minutes memory is measured but not judged: caches and heap are still filling. What `--plant` names leaks on purpose, so
// that its verdict must be NOT KEPT.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gatewayCommand } from './gateway/gateway-process.ts';
import { besideLoad } from './gateway/targets.ts';
import { descriptorsOf, type Descriptors } from './soak/descriptors.ts';
import { SoakLoad, type SoakOutcomes } from './soak/load.ts';
import { startSpoolSink, type SpoolSink } from './soak/spool-sink.ts';
import { memoryFigures, verdictsOf, warmSamples, type Sample } from './soak/verdicts.ts';
import { SOAK_UPSTREAM_PORT, soakSnapshot } from './soak/workspace.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    rate: { type: 'string', default: '200' },
    'vendor-keeps': { type: 'string', default: '600' },
    plant: { type: 'string' },
  },
});
const seconds = Number(values.minutes) * 60;
const PORT = 18_297;
const PORTS = { own: PORT, vendor: SOAK_UPSTREAM_PORT };
/** Idle connections to vendors are closed after a minute, those of clients with the clients. */
const REST_SECONDS = 75;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

function plantedLeaks(kinds: string | undefined): string[] {
  if (kinds === undefined) return [];
  const module = new URL('./soak/planted-leak.ts', import.meta.url);
  module.searchParams.set('kinds', kinds);
  module.searchParams.set('vendor', String(SOAK_UPSTREAM_PORT));
  return ['--import', module.href];
}

async function startGateway(folder: string, consoleUrl: string): Promise<ChildProcess> {
  const engine = plantedLeaks(values.plant);
  const { args, env } = gatewayCommand({ folder, snapshot: soakSnapshot(), port: PORT, consoleUrl, engine });
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
  child.once('exit', (code, signal) => console.error(`the gateway ended: ${code ?? signal}`));
  for (let tries = 0; tries < 400; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${PORT}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.status === 200) return child;
    await pause(50);
  }
  throw new Error('the gateway does not answer');
}

function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
}

function told({ second, megabytes, vendor, clients, otherSockets, files }: Sample, sent: number): string {
  return `${second} s: ${megabytes.toFixed(1)} MB, connections ${vendor} to the vendor, ${clients} of clients, ${otherSockets} other sockets, ${files} files, ${sent} sent`;
}

async function watch(pid: number, load: SoakLoad): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let second = 1; second <= seconds; second += 1) {
    await pause(1000);
    const sample = { second, megabytes: residentMegabytes(pid), ...descriptorsOf(pid, PORTS) };
    samples.push(sample);
    if (second % 30 === 0) console.error(told(sample, load.sent));
  }
  return samples;
}

/** What is left open once nobody uses it. */
async function atRest(pid: number): Promise<{ readonly open: Descriptors; readonly after: number }> {
  const began = performance.now();
  for (;;) {
    const open = descriptorsOf(pid, PORTS);
    const after = Math.round((performance.now() - began) / 1000);
    if ((open.vendor === 0 && open.clients === 0) || after >= REST_SECONDS) return { open, after };
    await pause(1000);
  }
}

/** Most requests that the vendor was answering at once. */
function mostAtOnce(upstream: ChildProcess): Promise<number> {
  const answer = new Promise<number>((resolve) => {
    upstream.once('message', (most) => resolve(Number(most)));
  });
  upstream.send('most');
  return answer;
}

async function soak(gateway: ChildProcess, upstream: ChildProcess, sink: SpoolSink): Promise<void> {
  const pid = gateway.pid ?? 0;
  const load = new SoakLoad({ port: PORT, rate: Number(values.rate), seed: 1 });
  load.start();
  const samples = await watch(pid, load);
  const outcomes: SoakOutcomes = await load.stop();
  for (let tries = 0; tries < 100 && sink.ends() < load.sent; tries += 1) await pause(100);
  const rest = await atRest(pid);
  const seen = {
    seconds,
    samples,
    // Those whose clients left are still at the vendor.
    mostAtOnce: load.mostAtOnce + (await mostAtOnce(upstream)),
    mostFromClients: load.mostConnections,
    atRest: rest.open,
    sent: load.sent,
    failed: outcomes.failed,
    recorded: sink.ends(),
    brokenOff: sink.statuses()['disconnected'] ?? 0,
  };
  const { least, most, slope, lastHalf } = memoryFigures(warmSamples(seen));
  const report = {
    minutes: Number(values.minutes),
    sent: load.sent,
    outcomes,
    recorded_once: sink.ends(),
    recorded_statuses: sink.statuses(),
    memory_mb: { least, most },
    memory_slope_mb_per_minute: slope,
    memory_slope_last_half_mb_per_minute: lastHalf,
    descriptors: { last: samples.at(-1), at_rest: rest },
  };
  console.log(JSON.stringify(report, null, 2));
  for (const { promise, figure, isKept } of verdictsOf(seen)) {
    // The shortest run is for finding what breaks at once: of memory it tells nothing.
    console.log(`${isKept === null ? 'not judged' : isKept ? 'kept' : 'NOT KEPT'}: ${promise} (${figure})`);
    if (isKept === false) process.exitCode = 1;
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'binnacle-soak-'));
const upstream = besideLoad('../soak/upstream.ts', [String(SOAK_UPSTREAM_PORT), values['vendor-keeps']]);
await new Promise((resolve) => upstream.once('message', resolve));
const sink = await startSpoolSink();
const gateway = await startGateway(join(scratch, 'gateway'), sink.url);
try {
  await soak(gateway, upstream, sink);
} finally {
  gateway.kill('SIGTERM');
  upstream.kill();
  await sink.close();
  await pause(1000);
  rmSync(scratch, { recursive: true, force: true });
}
