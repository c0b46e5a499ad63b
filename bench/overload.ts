// What the gateway does with more than it can take: three times its configured capacity, and saturation of its processor without one.
// The generator and a simulated vendor run on core 0, the gateway alone on core 1; only 127.0.0.1 is loaded.
//
//   node bench/overload.ts [--seconds 6] [--rounds 3] [--capacity 1000] [--offered 3000]
//
// Ends with 1 where a promise is not kept. A machine that others use at the same time shows in the times: figures are medians of the rounds.
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gatewayCommand } from './gateway/gateway-process.ts';
import { median } from './gateway/report.ts';
import { benchSnapshot, pinned } from './gateway/targets.ts';
import type { OverloadOrder, OverloadResult } from './overload/generator.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
    capacity: { type: 'string', default: '1000' },
    offered: { type: 'string', default: '3000' },
  },
});
const PORT = 18_296;
const OWN_UPSTREAM_PORT = 18_294;

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A module of this folder, beside the load. */
function besideLoad(name: string, argument: string): ChildProcess {
  return pinned('0', process.execPath, [here(name), argument], true);
}

async function startGateway(folder: string, capacity: number | null): Promise<ChildProcess> {
  const bench = benchSnapshot('process');
  const providers = Object.fromEntries(
    Object.entries(bench.providers).map(([name, provider]) => [
      name,
      { ...provider, baseUrl: `http://127.0.0.1:${OWN_UPSTREAM_PORT}/v1` },
    ]),
  );
  const { args, env } = gatewayCommand({
    folder,
    snapshot: { ...bench, providers, capacity },
    port: PORT,
    consoleUrl: 'http://127.0.0.1:18099',
  });
  const child = pinned('1', process.execPath, args, false, false, env);
  for (let tries = 0; tries < 400; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${PORT}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.status === 200) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the gateway does not answer');
}

function load(order: Omit<OverloadOrder, 'port'>): Promise<OverloadResult> {
  const child = besideLoad('overload/generator.ts', JSON.stringify({ ...order, port: PORT }));
  return new Promise((resolve, reject) => {
    child.on('message', (message) => resolve(message as OverloadResult));
    child.on('exit', (code) => code !== 0 && reject(new Error(`the generator ended with ${code}`)));
  });
}

const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const capacity = Number(values.capacity);
const offered = Number(values.offered);
const scratch = mkdtempSync(join(tmpdir(), 'binnacle-overload-'));

interface Row extends OverloadResult {
  readonly what: string;
}

async function stopped(gateway: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => gateway.once('exit', resolve));
  gateway.kill('SIGTERM');
  await ended;
}

function middle(rows: readonly Row[], what: string, value: (row: Row) => number): number {
  return median(rows.filter((row) => row.what === what).map(value));
}

const NORMAL = `normal: ${capacity * 0.8}/s of a capacity of ${capacity}/s`;
const OVER = `over: ${offered}/s offered to a capacity of ${capacity}/s`;
const USUAL = 'without a configured capacity, 500/s';
const BEYOND = 'saturated: 9,000/s offered to the processor over 1,500 connections';
const CLOSED = 'saturated: 1,500 connections ask again as fast as they are answered';
const AFTER = 'after it, 500/s';

async function configured(rows: Row[]): Promise<void> {
  const gateway = await startGateway(join(scratch, 'capacity'), capacity);
  await load({ rate: capacity * 0.5, connections: 64, seconds: 3 });
  for (let round = 0; round < rounds; round += 1) {
    rows.push({ what: NORMAL, ...(await load({ rate: capacity * 0.8, connections: 128, seconds })) });
    rows.push({ what: OVER, ...(await load({ rate: offered, connections: 256, seconds })) });
  }
  await stopped(gateway);
}

async function saturated(rows: Row[]): Promise<void> {
  const gateway = await startGateway(join(scratch, 'saturation'), null);
  await load({ rate: 500, connections: 64, seconds: 3 });
  for (let round = 0; round < rounds; round += 1) {
    rows.push({ what: USUAL, ...(await load({ rate: 500, connections: 64, seconds: 3 })) });
    rows.push({ what: BEYOND, ...(await load({ rate: 9000, connections: 1500, seconds })) });
    rows.push({ what: CLOSED, ...(await load({ rate: 0, connections: 1500, seconds })) });
    rows.push({ what: AFTER, ...(await load({ rate: 500, connections: 64, seconds: 3 })) });
  }
  await stopped(gateway);
}

const shown = (milliseconds: number | undefined): string =>
  `${Number((milliseconds ?? NaN).toPrecision(4))} ms`;

/** What is promised, whether it was kept, and by what figures. */
function verdicts(rows: readonly Row[]): [promise: string, isKept: boolean, figures: string][] {
  const accepted = middle(rows, OVER, (row) => row.acceptedPerSecond);
  const normal = middle(rows, NORMAL, (row) => row.accepted.p99);
  const over = middle(rows, OVER, (row) => row.accepted.p99);
  const shed = middle(rows, OVER, (row) => row.shed.p99);
  const health = middle(rows, OVER, (row) => row.health.p99);
  const silent = rows.reduce((sum, row) => sum + row.withoutRetryAfter, 0);
  const strange = rows.reduce(
    (sum, row) => sum + Object.keys(row.otherStatuses).length + row.brokenConnections,
    0,
  );
  const beyond = middle(rows, BEYOND, (row) => row.accepted.p99);
  const closed = middle(rows, CLOSED, (row) => row.accepted.p99);
  const [usual, after] = [USUAL, AFTER].map((what) => middle(rows, what, (row) => row.accepted.p50));
  return [
    ['about the capacity is accepted', Math.abs(accepted / capacity - 1) < 0.1, `${accepted}/s`],
    ['accepted p99 below twice normal', over < 2 * normal, `${shown(over)}, normal ${shown(normal)}`],
    ['shed within 50 ms (p99)', shed < 50, shown(shed)],
    ['health within 100 ms (p99)', health < 100, shown(health)],
    ['all that was shed says when to come back', silent === 0, `${silent} without`],
    ['no other status, no broken connection', strange === 0, `${strange}`],
    [
      'accepted p99 within 1 s at saturation',
      Math.max(beyond, closed) < 1000,
      `${shown(beyond)} and ${shown(closed)}`,
    ],
    [
      'as before once it is over',
      (after ?? NaN) < 2 * (usual ?? NaN) + 1,
      `${shown(after)}, before ${shown(usual)}`,
    ],
  ];
}

const upstream = besideLoad('overload/upstream.ts', String(OWN_UPSTREAM_PORT));
const rows: Row[] = [];
try {
  await configured(rows);
  await saturated(rows);
} finally {
  upstream.kill();
  await new Promise((resolve) => setTimeout(resolve, 500));
  rmSync(scratch, { recursive: true, force: true });
}
for (const row of rows) console.log(JSON.stringify(row));
for (const [promise, isKept, figures] of verdicts(rows)) {
  console.log(`${isKept ? 'kept' : 'NOT KEPT'}: ${promise} (${figures})`);
  if (!isKept) process.exitCode = 1;
}
