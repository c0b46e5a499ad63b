// `/healthz` says how the console is, with what to do about each fault; `/readyz` whether it can do its work. Lag and wedged workers show in
// the first and never make the second false: they do not stop the serving.
import { z } from 'zod';
import { healthSchema, type Health } from '../../contract/api.ts';
import { type Clock, isoTimeOrNull } from '../../kernel/clock.ts';
import { BinnacleError } from '../../kernel/errors.ts';
import type { JobState } from '../schedule.ts';
import { defineRoute, type Route } from '../route.ts';
import type { SnapshotSource } from '../snapshot-source.ts';

export interface LedgerHealth {
  readonly state: 'ready' | 'starting' | 'down';
  readonly restarts: number;
}

export interface IngestHealth {
  /** Wall time of the last push, milliseconds; null before the first. */
  readonly lastPushAt: number | null;
  /** Arrival of the oldest push that is not in the ledger, milliseconds; null when all are. */
  readonly waitingSince: number | null;
  readonly rejected: number;
  /** Pieces of feedback left out, since another key than their interaction's sent them. */
  readonly foreignFeedback: number;
}

export interface HealthServices {
  readonly clock: Clock;
  readonly snapshots: SnapshotSource;
  readonly jobs: () => readonly JobState[];
  readonly ledger: () => LedgerHealth;
  readonly ingest: () => IngestHealth;
}

/** Lag above this is a fault. */
const LAG_LIMIT_MS = 30_000;

function faultsOf(health: Omit<Health, 'status' | 'faults'>): string[] {
  const faults: string[] = [];
  if (health.snapshot.version === null)
    faults.push('No snapshot: the workspace does not compile. Run "binnacle check".');
  else if (health.snapshot.errors.length > 0)
    faults.push(
      `The workspace has errors; the last good snapshot is served. Run "binnacle check": ${health.snapshot.errors[0]}`,
    );
  if (health.ledger.state === 'down')
    faults.push(
      'The ledger is down; gateways keep what they record and send it later. See logs/binnacle.log.',
    );
  if ((health.spool.lag_ms ?? 0) > LAG_LIMIT_MS)
    faults.push(
      `The spool lags by ${Math.round((health.spool.lag_ms ?? 0) / 1000)} s: the ledger does not take what is pushed. See logs/binnacle.log.`,
    );
  for (const { name, state, running_ms, error } of health.workers) {
    if (state === 'wedged')
      faults.push(
        `Job "${name}" has been running for ${Math.round((running_ms ?? 0) / 1000)} s: restart binnacle if it stays.`,
      );
    if (state === 'failed') faults.push(`Job "${name}" failed: ${error}`);
  }
  return faults;
}

/** Everything known about the console's own health. */
export function healthOf({ clock, snapshots, jobs, ledger, ingest }: HealthServices): Health {
  const served = snapshots.served?.snapshot;
  const { lastPushAt, waitingSince, rejected, foreignFeedback } = ingest();
  const facts = {
    snapshot: {
      version: served?.version ?? null,
      compiled_at: isoTimeOrNull(served?.compiledAt ?? null),
      errors: [...snapshots.errors],
    },
    ledger: { ...ledger() },
    spool: {
      last_push_at: isoTimeOrNull(lastPushAt),
      lag_ms: waitingSince === null ? 0 : Math.max(0, clock.now() - waitingSince),
      rejected,
      foreign_feedback: foreignFeedback,
    },
    workers: jobs().map((job) => ({
      name: job.name,
      state: job.state,
      last_ended_at: isoTimeOrNull(job.lastEndedAt),
      running_ms: job.runningMilliseconds,
      error: job.error,
    })),
  };
  const faults = faultsOf(facts);
  return { status: faults.length === 0 ? 'ok' : 'degraded', faults, ...facts };
}

export function healthRoutes(services: HealthServices): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/healthz',
      access: 'open',
      summary: 'How the console is: always 200 while it answers',
      response: healthSchema,
      handle: async () => healthOf(services),
    }),
    defineRoute({
      method: 'GET',
      path: '/readyz',
      access: 'open',
      summary: '200 when a snapshot is served and the ledger takes rows, else 503',
      response: z.object({ ready: z.literal(true) }),
      handle: async () => {
        const { snapshot, ledger } = healthOf(services);
        if (snapshot.version !== null && ledger.state === 'ready') return { ready: true as const };
        throw new BinnacleError({
          code: 'not_ready',
          message:
            snapshot.version === null ? 'No snapshot is served yet.' : `The ledger is ${ledger.state}.`,
          httpStatus: 503,
          isRetryable: true,
          retryAfterSeconds: 1,
        });
      },
    }),
  ];
}
