// Quality of live traffic over the API: end users' satisfaction by prompt and version, and scores by model.
import { z } from 'zod';
import { liveScoresSchema, satisfactionSchema } from '../../contract/api-evaluation.ts';
import { type Clock, DAY_MS } from '../../kernel/clock.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { readInstant, requireTimeZone } from '../instants.ts';
import { liveScores, satisfaction } from '../queries/evaluation.ts';
import { defineRoute, type Route } from '../route.ts';
import { simulatedProviders } from '../simulated.ts';
import type { SnapshotSource } from '../snapshot-source.ts';

export interface EvaluationServices {
  readonly ledger: LedgerClient;
  readonly clock: Clock;
  readonly snapshots: SnapshotSource;
}

export function evaluationRoutes({ ledger, clock, snapshots }: EvaluationServices): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/evaluation/satisfaction',
      access: 'read',
      summary: 'End users’ feedback by prompt and version, with intervals',
      query: z.object({
        from: z.string().max(40).optional().describe('day, instant or "today"; default: 30 days ago'),
        to: z.string().max(40).optional(),
        time_zone: z.string().max(64).default('UTC'),
      }),
      response: satisfactionSchema,
      handle: ({ scope, query }) => {
        const zone = requireTimeZone(query.time_zone);
        const now = clock.now();
        return satisfaction(ledger, scope, {
          from: query.from === undefined ? now - 30 * DAY_MS : readInstant(query.from, 'from', zone, now),
          to: query.to === undefined ? now + 1 : readInstant(query.to, 'to', zone, now),
        });
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/evaluation/live-scores',
      access: 'read',
      summary:
        'Scores of one scorer on live traffic, by model and prompt, with what the same answers cost and took',
      query: z.object({ scorer: z.string().min(1).max(150) }),
      response: liveScoresSchema,
      handle: ({ scope, query }) =>
        liveScores(ledger, scope, query.scorer, simulatedProviders(snapshots.served?.snapshot ?? null)),
    }),
  ];
}
