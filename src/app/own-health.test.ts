// Binnacle's own health through a whole console: a job that hangs, a spool that is not taken and a ledger process that is stopped show in
// /healthz, in /metrics and as an alert to people within a minute, and end when they are over. The console goes on answering.
import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Health } from '../contract/api.ts';
import type { Incident } from '../contract/api-monitoring.ts';
import { newId } from '../kernel/ids.ts';
import { ManualClock, systemClock } from '../kernel/clock.ts';
import { silentLogger } from '../kernel/logger.ts';
import { openSpool, type Spool } from '../storage/spool/spool.ts';
import { sampleBegin, sampleEnd } from '../storage/testing/sample-rows.ts';
import type { ComposedConsole } from './compose-console.ts';
import { composeScratchConsole } from './testing/scratch-console.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const STEP = 5_000;
const MINUTE = 60_000;
const clock = new ManualClock(Date.UTC(2026, 5, 1));
const told: string[] = [];
let folder: string;
let hook: Server;
let gateway: Server;
let spool: Spool;
let composed: ComposedConsole;

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-health-'));
  hook = createServer((request, response) => {
    void json(request).then((body) => {
      const { type, title } = z.looseObject({ type: z.string(), title: z.string() }).parse(body);
      told.push(`${type} ${title}`);
      response.end();
    });
  });
  // What a gateway says of its spool, a real one that nobody takes anything from.
  spool = await openSpool({
    directory: join(folder, 'spool'),
    durability: 'process',
    clock: systemClock,
    logger: silentLogger,
  });
  gateway = createServer((_request, response) => response.end(JSON.stringify({ spool: spool.figures() })));
  for (const server of [hook, gateway])
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  writeFileSync(
    join(folder, 'binnacle.yaml'),
    `name: desk\nchannels:\n  operations: { kind: webhook, url: "http://127.0.0.1:${portOf(hook)}/", allow_private: true }\n`,
  );
  composed = await composeScratchConsole(folder, clock, {
    gatewayUrl: `http://127.0.0.1:${portOf(gateway)}`,
  });
  await vi.waitUntil(() => composed.ledger.health().state === 'ready', { timeout: 40_000 });
});

afterAll(async () => {
  await composed.close();
  await spool.close();
  for (const server of [hook, gateway]) {
    server.closeAllConnections();
    await new Promise<unknown>((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

async function get(url: string): Promise<{ statusCode: number; body: string }> {
  const headers = { authorization: 'Bearer the-admin-token', host: 'localhost:7071' };
  return composed.app.inject({ method: 'GET', url, headers });
}

async function openIncidents(): Promise<string[]> {
  const { incidents } = JSON.parse((await get('/api/incidents?status=open')).body) as {
    incidents: Incident[];
  };
  return incidents.map(({ title }) => title).sort();
}

/** Whether nothing is running but jobs that are meant to hang. */
function isResting(hanging: readonly string[]): boolean {
  return composed.schedule
    .states()
    .every(({ name, runningMilliseconds }) => runningMilliseconds === null || hanging.includes(name));
}

/**
 * One look of the schedule. Jobs work on the real clock while the turned one leaps, so that what is at work is waited for: it would look as
 * if it hung. Not waited for are jobs that are meant to hang.
 */
async function step(hanging: readonly string[] | 'any' = []): Promise<void> {
  clock.advance(STEP);
  void composed.schedule.tick();
  const isDone = (): boolean =>
    composed.schedule.states().find(({ name }) => name === 'own-health')?.lastEndedAt === clock.now() &&
    (hanging === 'any' || isResting(hanging));
  await vi.waitUntil(isDone, { timeout: 30_000, interval: 5 });
}

/** Steps until `what` is told; how many milliseconds of the clock that took. */
async function untilTold(what: string, hanging: readonly string[] | 'any' = []): Promise<number> {
  const began = clock.now();
  for (;;) {
    await step(hanging);
    if ((await openIncidents()).includes(what)) return clock.now() - began;
    if (clock.now() - began > 3 * MINUTE) throw new Error(`nobody was told: ${what}`);
  }
}

it('says nothing while all is well', async () => {
  for (let count = 0; count < 24; count += 1) await step();
  expect(await openIncidents()).toEqual([]);
  expect(
    (JSON.parse((await get('/healthz')).body) as Health).workers.every(({ state }) => state !== 'wedged'),
  ).toBe(true);
});

it('tells of a job that hangs within a minute, in health, metrics and by webhook', async () => {
  const stuck = Promise.withResolvers<void>();
  composed.schedule.add({ name: 'stuck', everyMilliseconds: 1, run: () => stuck.promise });
  expect(await untilTold('Binnacle: job stuck is wedged', ['stuck'])).toBeLessThanOrEqual(MINUTE);
  const health = JSON.parse((await get('/healthz')).body) as Health;
  expect(health.status).toBe('degraded');
  expect(health.faults.join()).toContain('"stuck" has been running for');
  clock.advance(10_000);
  expect((await get('/metrics')).body).toContain('binnacle_worker_wedged{job="stuck"} 1');
  await step(['stuck']);
  await vi.waitUntil(() => told.includes('health.fault Binnacle: job stuck is wedged'), { timeout: 10_000 });
  expect((await get('/readyz')).statusCode).toBe(200);
  stuck.resolve();
  await step();
  await step();
  expect(await openIncidents()).toEqual([]);
});

it('tells of a spool that nobody takes, also when it has stopped growing', async () => {
  const fill = (): void => {
    for (let row = 0; row < 20; row += 1) {
      const at = Date.now();
      spool.append(sampleEnd(sampleBegin(newId('int', at), at), 1n, 4_000));
    }
  };
  for (let count = 0; count < 2; count += 1) fill();
  await vi.waitUntil(() => spool.figures().unacknowledgedBytes > 100_000, { timeout: 10_000 });
  expect(await untilTold('Binnacle: spool grows')).toBeLessThanOrEqual(MINUTE);
  for (const range of await spool.ranges(64 * 1024 * 1024)) await spool.acknowledge(range.segment, range.to);
  await step();
  expect(await openIncidents()).toEqual([]);
});

it('tells of a ledger process that is stopped, keeps answering, and sees it come back', async () => {
  const { processId } = await composed.ledger.figures();
  process.kill(processId as number, 'SIGSTOP');
  try {
    clock.advance(1_000);
    void composed.schedule.tick();
    await vi.waitUntil(() => composed.ledger.health().state === 'down', { timeout: 30_000 });
    expect(await untilTold('Binnacle: ledger is down', 'any')).toBeLessThanOrEqual(MINUTE - 10_000);
    expect(await openIncidents()).toEqual(['Binnacle: ledger is down']);
    clock.advance(10_000);
    const { statusCode, body } = await get('/metrics');
    expect(statusCode).toBe(200);
    expect(body).toContain('binnacle_ledger_up 0');
    expect(body).toContain('binnacle_fault{fault="ledger is down"} 1');
  } finally {
    process.kill(processId as number, 'SIGCONT');
  }
  clock.advance(1_000);
  void composed.schedule.tick();
  await vi.waitUntil(() => composed.ledger.health().state === 'ready', { timeout: 30_000 });
  // What waited for it ends on the real clock, which the turned one does not wait for.
  await vi.waitUntil(() => isResting([]), { timeout: 30_000 });
  await step();
  await step();
  expect(await openIncidents()).toEqual([]);
  await vi.waitUntil(() => told.includes('health.resolved Binnacle: ledger is down is over'), {
    timeout: 10_000,
  });
});
