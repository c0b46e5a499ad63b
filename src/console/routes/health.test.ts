// Health without stores: what is told and with which status while things are missing.
import { expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { buildConsole } from '../server.ts';
import { SnapshotSource } from '../snapshot-source.ts';
import { healthRoutes, type HealthServices } from './health.ts';

const clock = new ManualClock(1_000_000);

async function asked(path: string, changes: Partial<HealthServices>) {
  const routes = healthRoutes({
    clock,
    snapshots: new SnapshotSource(),
    jobs: () => [],
    ledger: () => ({ state: 'starting', restarts: 0 }),
    ingest: () => ({ lastPushAt: null, waitingSince: null, rejected: 0, foreignFeedback: 0 }),
    ...changes,
  });
  const credentials = { adminToken: 'a', internalToken: 'b', scopeOfKey: () => undefined };
  const app = await buildConsole({ routes, credentials, logger: silentLogger, version: '0' });
  return app.inject({ method: 'GET', url: path, headers: { host: 'localhost' } });
}

it('is not ready without snapshot and ledger, and says so with 503 and Retry-After', async () => {
  const answer = await asked('/readyz', {});
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
  expect(answer.json()).toMatchObject({ error: { code: 'not_ready' } });
});

it('names lag and wedged jobs as faults and still answers 200', async () => {
  const answer = await asked('/healthz', {
    ingest: () => ({ lastPushAt: 1, waitingSince: clock.now() - 60_000, rejected: 3, foreignFeedback: 2 }),
    jobs: () => [
      { name: 'alerts', state: 'wedged', lastEndedAt: null, runningMilliseconds: 90_000, error: '' },
    ],
  });
  expect(answer.statusCode).toBe(200);
  const { status, faults } = answer.json<{ status: string; faults: string[] }>();
  expect(status).toBe('degraded');
  expect(faults.join('\n')).toMatch(/lags by 60 s/);
  expect(faults.join('\n')).toMatch(/Job "alerts" has been running for 90 s/);
});
