// What it costs: today's total, and a report by day, model, prompt, version, user or key.
import { z } from 'zod';
import { COST_GROUPS, costLineSchema, costReportSchema, periodSchema } from '../../contract/api.ts';
import { type Clock, DAY_MS } from '../../kernel/clock.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { readInstant, requireTimeZone } from '../instants.ts';
import { costReport } from '../queries/cost.ts';
import { defineRoute, type Route } from '../route.ts';

export interface CostServices {
  readonly ledger: LedgerClient;
  readonly clock: Clock;
}

const name = z.string().max(256).optional();
const zone = z.string().max(64).default('UTC').describe('IANA name; days begin at its midnight');

const reportQuery = z.object({
  by: z.enum(COST_GROUPS).default('day'),
  time_zone: zone,
  from: z.string().max(40).optional().describe('day, instant or "today"; default: 30 days ago'),
  to: z.string().max(40).optional().describe('exclusive; a day means its first instant; default: now'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
  prompt: name,
  version: name,
  model: name,
  user: name,
  key: name,
  status: name,
});

export function costRoutes({ ledger, clock }: CostServices): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/cost/report',
      access: 'read',
      summary: 'Cost and tokens of a period, grouped',
      query: reportQuery,
      response: costReportSchema,
      handle: async ({ scope, query: { by, time_zone, from, to, limit, ...filter } }) => {
        const timeZone = requireTimeZone(time_zone);
        const now = clock.now();
        return costReport(ledger, {
          scope,
          by,
          timeZone,
          limit,
          filter: {
            ...filter,
            from: from === undefined ? now - 30 * DAY_MS : readInstant(from, 'from', timeZone, now),
            to: to === undefined ? now + 1 : readInstant(to, 'to', timeZone, now),
          },
        });
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/cost/today',
      access: 'read',
      summary: "Today's cost in a time zone",
      query: z.object({ time_zone: zone }),
      response: z.object({ period: periodSchema, total: costLineSchema }),
      handle: async ({ scope, query }) => {
        const timeZone = requireTimeZone(query.time_zone);
        const now = clock.now();
        const filter = { from: readInstant('today', 'from', timeZone, now), to: now + 1 };
        const { period, total } = await costReport(ledger, { scope, by: 'day', timeZone, limit: 1, filter });
        return { period, total };
      },
    }),
  ];
}
