// What clients saw against what is stored: every answer that ended is in the ledger once, at the cost it was told and at the cost it must
// have; sums of attempts, interactions and budgets agree; no time runs backwards inside of an interaction.
import { join } from 'node:path';
import { silentLogger } from '../../src/kernel/logger.ts';
import { openLedger } from '../../src/storage/ledger/ledger-child.ts';
import { attoOf, type Outcome } from './mixed-load.ts';

export interface StoredInteraction {
  readonly id: string;
  readonly at: number;
  readonly ended_at: number;
  readonly status: string;
  readonly http_status: number;
  readonly error_kind: string;
  readonly model: string;
  readonly cost: string | null;
  readonly latency_ms: number;
  readonly ttft_ms: number | null;
  readonly tags: readonly string[];
}

export interface StoredAttempt {
  readonly interaction: string;
  readonly position: number;
  readonly error_kind: string;
  readonly cost: string | null;
  readonly latency_ms: number;
}

export interface Stored {
  readonly interactions: readonly StoredInteraction[];
  readonly attempts: readonly StoredAttempt[];
  readonly findings: number;
}

const INTERACTIONS = `SELECT id, toUnixTimestamp64Milli(at) AS at, toUnixTimestamp64Milli(ended_at) AS ended_at, status, http_status, error_kind,
  model, toString(cost_usd) AS cost, latency_ms, ttft_ms, tags FROM ledger.interactions`;
const ATTEMPTS = `SELECT interaction, position, error_kind, toString(cost_usd) AS cost, latency_ms FROM ledger.attempts`;

/** Reads the tables themselves, so that no query of the product can hide a doubled row. The installation must have ended. */
export async function readStored(dataFolder: string): Promise<Stored> {
  const ledger = await openLedger({ directory: join(dataFolder, 'ledger'), logger: silentLogger });
  try {
    const interactions = await ledger.query<StoredInteraction>(INTERACTIONS);
    const attempts = await ledger.query<StoredAttempt>(ATTEMPTS);
    const [found] = await ledger.query<{ count: number }>('SELECT count() AS count FROM ledger.findings');
    return { interactions, attempts, findings: found?.count ?? 0 };
  } finally {
    await ledger.close();
  }
}

export interface Reconciled {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Told or recorded at another cost than it has. */
  readonly wrongCost: readonly string[];
  /** Finished for the client and recorded as something else. */
  readonly wrongStatus: readonly string[];
  /** Negative durations, ends before beginnings. */
  readonly backwards: readonly string[];
  /** Interrupted, and not recorded at a cost and without an answer. */
  readonly wrongInterrupted: readonly string[];
  readonly interrupted: number;
  readonly probes: number;
  /** Atto-dollars of the gateway's interactions that began in the month: probes are the console's, under a ceiling of their own. */
  readonly recorded: bigint;
}

const sum = (costs: readonly (string | null)[]): bigint =>
  costs.reduce((total, cost) => total + attoOf(cost ?? '0'), 0n);

function isWrongCost(outcome: Outcome, row: StoredInteraction, attempts: readonly StoredAttempt[]): boolean {
  const { costUsd, expected, cacheHit } = outcome;
  if (costUsd === null || row.cost === null || attoOf(costUsd) !== attoOf(row.cost)) return true;
  const last = attempts.toSorted((a, b) => a.position - b.position).at(-1);
  if (cacheHit) return attoOf(row.cost) !== 0n || last !== undefined;
  return last?.cost == null || attoOf(last.cost) !== expected;
}

/** Whether an answer was to be recorded: all that were given an id, but those which say that they could not be. */
function isRecorded({ id, end, code }: Outcome): boolean {
  return id !== null && end !== 'cut' && code !== 'spool_unavailable';
}

/** Pure. `month`: first millisecond of the budgets' period. */
export function reconcile(outcomes: readonly Outcome[], stored: Stored, month: number): Reconciled {
  const rows = Map.groupBy(stored.interactions, ({ id }) => id);
  const attemptsOf = Map.groupBy(stored.attempts, ({ interaction }) => interaction);
  const answered = outcomes.filter(isRecorded);
  const finished = answered.filter(({ end }) => end === 'finished');
  const rowOf = ({ id }: Outcome): StoredInteraction | undefined => rows.get(id ?? '')?.[0];
  const differing = stored.interactions.filter(
    ({ id, cost }) => sum((attemptsOf.get(id) ?? []).map((attempt) => attempt.cost)) !== attoOf(cost ?? '0'),
  );
  const wrongCost = finished.filter((outcome) => {
    const row = rowOf(outcome);
    return row !== undefined && isWrongCost(outcome, row, attemptsOf.get(row.id) ?? []);
  });
  const places = Map.groupBy(stored.attempts, ({ interaction, position }) => `${interaction}/${position}`);
  const interrupted = stored.interactions.filter(({ status }) => status === 'interrupted');
  const isBackwards = (row: StoredInteraction): boolean =>
    row.latency_ms < 0 || (row.ttft_ms ?? 0) < 0 || row.ended_at < row.at;
  return {
    lost: answered.filter((outcome) => rowOf(outcome) === undefined).map(({ id }) => String(id)),
    doubled: [...rows, ...places].filter(([, same]) => same.length > 1).map(([name]) => name),
    wrongCost: [...wrongCost.map(({ id }) => String(id)), ...differing.map(({ id }) => id)],
    wrongStatus: finished.filter((outcome) => rowOf(outcome)?.status !== 'ok').map(({ id }) => String(id)),
    backwards: [
      ...stored.interactions.filter(isBackwards).map(({ id }) => id),
      ...stored.attempts.filter(({ latency_ms }) => latency_ms < 0).map(({ interaction }) => interaction),
    ],
    wrongInterrupted: interrupted
      .filter(
        ({ error_kind, cost, http_status }) =>
          error_kind !== 'interrupted' || cost === null || http_status !== 0,
      )
      .map(({ id }) => id),
    interrupted: interrupted.length,
    probes: stored.interactions.filter(({ tags }) => tags.includes('probe')).length,
    recorded: sum(
      stored.interactions
        .filter(({ at, tags }) => at >= month && !tags.includes('probe'))
        .map(({ cost }) => cost),
    ),
  };
}
