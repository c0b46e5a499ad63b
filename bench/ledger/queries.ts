// What is asked of the ledger most, as the product asks it: addresses of the console's API, answered by its own routes. The console's page
// asks the first, seventh and eighth every few seconds; `binnacle cost report` and the page's dialog and filters ask the others.
import type { FastifyInstance } from 'fastify';
import { DAY_MS } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { encodeCursor } from '../../src/console/queries/interactions.ts';
import { costRoutes } from '../../src/console/routes/cost.ts';
import { interactionRoutes } from '../../src/console/routes/interactions.ts';
import { metricRoutes } from '../../src/console/routes/metrics.ts';
import { buildConsole } from '../../src/console/server.ts';
import { SnapshotSource } from '../../src/console/snapshot-source.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { LedgerClient } from '../../src/storage/ledger/ledger.ts';
import { KEYS, SPAN_MS, USERS, VERSIONS, type RowMaker } from './rows.ts';

export interface Query {
  readonly name: string;
  /** One of the ten. */
  readonly isCommon: boolean;
  /** A new address each time, so that no cache answers for the store. */
  readonly address: (turn: number) => string;
}

/** The console's routes over a ledger, without the rest of a console. */
export function consoleOver(ledger: LedgerClient): Promise<FastifyInstance> {
  const clock = systemClock;
  const audit = { append: () => Promise.reject(new Error('a benchmark changes nothing')) };
  return buildConsole({
    routes: [
      ...interactionRoutes({ ledger, clock, snapshots: new SnapshotSource(), audit }),
      ...costRoutes({ ledger, clock }),
      ...metricRoutes({ ledger, clock, served: () => null }),
    ],
    credentials: { adminToken: 'bench', internalToken: 'bench', scopeOfKey: () => undefined },
    logger: silentLogger,
    version: 'bench',
  });
}

const ZONE = 'time_zone=Europe/Berlin';

/** The ten, then some that are asked less often and cost more. */
export function queriesOver(rows: RowMaker): readonly Query[] {
  const common = (name: string, address: Query['address']): Query => ({ name, isCommon: true, address });
  const rarer = (name: string, address: Query['address']): Query => ({ name, isCommon: false, address });
  const id = (turn: number): string => rows.ids[(turn * 37) % rows.ids.length] ?? '';
  const deep = (turn: number): string =>
    encodeCursor({ at: rows.end - Math.floor(SPAN_MS * (0.3 + ((turn * 7) % 50) / 100)), id: '~' });
  const metrics = (names: string, more: string): string => `/api/metrics?metric=${names}&${more}`;
  const daysAgo = (days: number): string => `from=${new Date(rows.end - days * DAY_MS).toISOString()}`;
  return [
    common('newest interactions, page one', () => '/api/interactions?limit=50'),
    common('a page deep in', (turn) => `/api/interactions?limit=50&cursor=${deep(turn)}`),
    common("one user's interactions", (turn) => `/api/interactions?user=user-${(turn * 131) % USERS}`),
    common(
      "a prompt version's failed interactions of one key",
      (turn) =>
        `/api/interactions?prompt=prompt-${turn % 7}&version=3.${turn % VERSIONS}&status=error&key=key_${turn % KEYS}`,
    ),
    common('one interaction with all that is known of it', (turn) => `/api/interactions/${id(turn)}`),
    common('cost today by model', () => `/api/cost/report?by=model&${ZONE}&from=today&limit=10`),
    common('cost today by prompt version', () => `/api/cost/report?by=version&${ZONE}&from=today&limit=10`),
    common('cost by day, 30 days', () => `/api/cost/report?by=day&${ZONE}`),
    common('cost by user, 30 days', () => `/api/cost/report?by=user&${ZONE}`),
    common('latency p50, p90, p99 by hour, 7 days', () =>
      metrics('latency_p50,latency_p90,latency_p99', `step=1h&${daysAgo(7)}`),
    ),
    rarer('cost by prompt version, 30 days', () => `/api/cost/report?by=version&${ZONE}`),
    rarer('cost by key, 30 days', () => `/api/cost/report?by=key&${ZONE}`),
    rarer(
      'one key, one model, newest',
      (turn) => `/api/interactions?key=key_${turn % KEYS}&model=model-${turn % 5}`,
    ),
    rarer('positive feedback by day, 30 days', () =>
      metrics('positive_feedback_percentage', `step=1d&${daysAgo(30)}`),
    ),
    rarer('every metric of the last day, by prompt', () => '/api/metrics?by=prompt'),
    rarer(
      "one version's interactions that hold a text, 1 day",
      (turn) => `/api/interactions?version=3.${turn % VERSIONS}&text=parcel&${daysAgo(1)}`,
    ),
  ];
}
