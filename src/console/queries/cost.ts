// What interactions cost, grouped: exact sums made by the ledger in Decimal(38, 18).
import type { CostLine, CostReport } from '../../contract/api.ts';
import { formatUsd, parseUsd } from '../../kernel/money.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { Scope } from '../scope.ts';
import { whereInteractions, type InteractionFilter } from './conditions.ts';

export interface CostRequest {
  readonly scope: Scope;
  readonly by: CostReport['by'];
  readonly filter: InteractionFilter & { readonly from: number; readonly to: number };
  readonly timeZone: string;
  /** Groups returned; days in order of time, anything else the dearest first. */
  readonly limit: number;
}

const GROUPS: Readonly<Record<CostReport['by'], string>> = {
  day: "formatDateTime(at, '%F', {time_zone:String})",
  model: 'model',
  prompt: 'prompt',
  version: "if(prompt = '', '', concat(prompt, '@', version))",
  user: 'end_user',
  key: 'key',
};

// No alias has the name of a column: the store would take the alias for the column inside a sum.
const FIGURES =
  'count() AS requests, countIf(cost_usd IS NULL) AS unpriced_requests, sum(input) AS input_tokens, sum(cache_read) AS cache_read_tokens, sum(cache_write) AS cache_write_tokens, sum(output) AS output_tokens, sum(reasoning) AS reasoning_tokens, ifNull(sum(cost_usd), 0) AS cost, ifNull(sum(saved_usd), 0) AS saved';

interface Sums extends Omit<CostLine, 'group' | 'cost_usd' | 'saved_usd'> {
  readonly grouped: string;
  readonly cost: string;
  readonly saved: string;
}

function lineOf({ grouped, cost, saved, ...counts }: Sums): CostLine {
  return {
    group: grouped,
    ...counts,
    cost_usd: formatUsd(parseUsd(cost)),
    saved_usd: formatUsd(parseUsd(saved)),
  };
}

/** Both queries see the same rows unless some arrive in between; the total is of all groups, also of those beyond the limit. */
export async function costReport(ledger: LedgerClient, request: CostRequest): Promise<CostReport> {
  const { by, filter, timeZone, limit } = request;
  const where = whereInteractions(request.scope, filter);
  const order = by === 'day' ? 'grouped' : 'cost DESC, requests DESC, grouped';
  const zone = by === 'day' ? { time_zone: timeZone } : {};
  const [lines, totals] = await Promise.all([
    ledger.query<Sums>(
      `SELECT ${GROUPS[by]} AS grouped, ${FIGURES} FROM ledger.interactions WHERE ${where.sql} GROUP BY grouped ORDER BY ${order} LIMIT {limit:UInt32}`,
      { ...where.params, ...zone, limit: limit + 1 },
    ),
    ledger.query<Sums>(
      `SELECT 'total' AS grouped, ${FIGURES} FROM ledger.interactions WHERE ${where.sql}`,
      where.params,
    ),
  ]);
  return {
    by,
    period: {
      from: new Date(filter.from).toISOString(),
      to: new Date(filter.to).toISOString(),
      time_zone: timeZone,
    },
    lines: lines.slice(0, limit).map(lineOf),
    total: lineOf(totals[0] as Sums),
    truncated: lines.length > limit,
  };
}
