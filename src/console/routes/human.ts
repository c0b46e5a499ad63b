// People's grades over the API: the queue of answers to grade (blind), grades in, grades out, and how far raters and judges agree.
import { z } from 'zod';
import {
  agreementSchema,
  ratingListSchema,
  ratingQueueSchema,
  ratingsRequestSchema,
  ratingsResultSchema,
  sampleRequestSchema,
  sampleResultSchema,
  type Agreement,
} from '../../contract/api-evaluation.ts';
import { agreementOf, judgesAgainstPeople } from '../../evaluation/human/agreement.ts';
import type { RatingDimension } from '../../evaluation/human/dimensions.ts';
import type { StratifyBy } from '../../evaluation/human/draw-sample.ts';
import { type Clock, DAY_MS } from '../../kernel/clock.ts';
import { formatUsd, parseUsd } from '../../kernel/money.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { AuditStore } from '../../storage/state/state.ts';
import type { RatingDesk } from '../human/rating-desk.ts';
import { readInstant } from '../instants.ts';
import { storedJudgements, storedRatings, type StoredRating } from '../queries/evaluation.ts';
import { defineRoute, type Route } from '../route.ts';

export interface HumanServices {
  readonly desk: RatingDesk;
  readonly ledger: LedgerClient;
  readonly clock: Clock;
  /** Who is shown what users wrote is told there. */
  readonly audit: Pick<AuditStore, 'append'>;
  readonly dimensions: () => readonly RatingDimension[];
  /** `sampling.people` of binnacle.yaml. */
  readonly sampling: () => { readonly share: number; readonly by: readonly StratifyBy[] };
}

export function humanRoutes(services: HumanServices): Route[] {
  return [...queueRoutes(services), ...ratingRoutes(services)];
}

function queueRoutes({ desk, clock, audit, sampling }: HumanServices): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/human/sample',
      access: 'write',
      summary: 'Draw answers for people to grade: by hash, stratified; drawing again adds nothing twice',
      body: sampleRequestSchema,
      response: sampleResultSchema,
      handle: async ({ body }) => {
        const now = clock.now();
        const set = sampling();
        const sample = await desk.sample({
          period: {
            from: body.from === undefined ? now - 7 * DAY_MS : readInstant(body.from, 'from', 'UTC', now),
            to: body.to === undefined ? now + 1 : readInstant(body.to, 'to', 'UTC', now),
          },
          share: body.share ?? set.share,
          by: set.by,
          raters: body.raters,
        });
        const { drawn, added } = sample;
        await audit.append({
          actor: 'admin',
          act: 'human.sample',
          subject: 'interactions',
          details: { drawn, added, raters: body.raters },
        });
        return sample;
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/human/queue',
      access: 'read',
      summary: 'Answers a rater has not graded yet, without model, version and variant',
      query: z.object({
        rater: z.string().min(1).max(120),
        limit: z.coerce.number().int().min(1).max(1000).default(20),
      }),
      response: ratingQueueSchema,
      handle: ({ query }) => desk.queue(query.rater, query.limit),
    }),
  ];
}

function ratingRoutes({ desk, ledger, dimensions }: HumanServices): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/human/ratings',
      access: 'write',
      summary: 'Grades of people; one a rater, dimension and answer counts',
      body: ratingsRequestSchema,
      response: ratingsResultSchema,
      handle: ({ body }) => desk.take(body.ratings),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/human/ratings',
      access: 'read',
      summary: 'All grades, oldest first',
      response: ratingListSchema,
      handle: async () => ({
        ratings: (await storedRatings(ledger)).map(({ recorded_ms, ...rating }) => ({
          ...rating,
          at: new Date(recorded_ms).toISOString(),
        })),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/human/agreement',
      access: 'read',
      summary: 'How far raters agree, and judges with them; counts every grade there is',
      response: agreementSchema,
      handle: async (): Promise<Agreement> => {
        const ratings = await storedRatings(ledger);
        const judges = judgesAgainstPeople(await storedJudgements(ledger), ratings, dimensions());
        return {
          dimensions: agreementOf(ratings, dimensions()),
          judges: Object.fromEntries(
            Object.entries(judges).map(([name, one]) => [
              name,
              { ...one, interval: one.interval === null ? null : [one.interval[0], one.interval[1]] },
            ]),
          ),
          queue: await desk.counts(),
          ...paid(ratings),
          ratings_by_day: cadence(ratings),
        };
      },
    }),
  ];
}

function paid(ratings: readonly StoredRating[]): Pick<Agreement, 'cost_usd' | 'cost_per_rating_usd'> {
  const known = ratings.flatMap(({ cost_usd }) => (cost_usd === null ? [] : [parseUsd(cost_usd)]));
  const total = known.reduce((sum, cost) => sum + cost, 0n);
  return {
    cost_usd: formatUsd(total),
    cost_per_rating_usd: known.length === 0 ? null : formatUsd(total / BigInt(known.length)),
  };
}

function cadence(ratings: readonly StoredRating[]): Agreement['ratings_by_day'] {
  const days = new Map<string, number>();
  for (const { recorded_ms } of ratings) {
    const day = new Date(recorded_ms).toISOString().slice(0, 10);
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  return [...days].map(([day, count]) => ({ day, ratings: count }));
}
