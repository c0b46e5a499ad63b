// Live answers since a moment, as judges and scorers grade them, and what grading has cost since midnight.
import { parseUsd, type Usd } from '../../kernel/money.ts';
import { LIVE_TRAFFIC } from '../../monitoring/metrics/metric-table.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { ENDED_AFTER, type Cursor } from './cursor.ts';
import { storedTexts, type StoredTexts } from './evaluation.ts';

export interface LiveAnswer extends StoredTexts {
  readonly interaction: string;
  readonly at: number;
  readonly ended_at: number;
  readonly prompt: string;
  readonly cost_usd: string | null;
  readonly latency_ms: number;
}

type Ledger = Pick<LedgerClient, 'query'>;
type AnsweredRow = Omit<LiveAnswer, keyof StoredTexts | 'interaction'> & { id: string };

/** Answered interactions that are the users' own and ended after the cursor and before `to`, in that order; those without stored texts are left out. */
export async function liveAnswers(
  ledger: Ledger,
  cursor: Cursor,
  to: number,
  limit: number,
): Promise<{ readonly answers: LiveAnswer[]; readonly last: Cursor | null }> {
  const rows = await ledger.query<AnsweredRow>(
    `WITH chosen AS (SELECT * FROM ledger.interactions WHERE ${ENDED_AFTER} AND status = 'ok' AND ${LIVE_TRAFFIC} ORDER BY ended_at, id LIMIT {limit:UInt32})
SELECT i.id AS id, toUnixTimestamp64Milli(i.at) AS at, toUnixTimestamp64Milli(i.ended_at) AS ended_at, i.prompt AS prompt, i.cost_usd AS cost_usd, i.latency_ms AS latency_ms FROM chosen AS i ORDER BY ended_at, id`,
    { at: cursor.at, id: cursor.id, to, limit },
  );
  const texts = await storedTexts(
    ledger,
    rows.map(({ id }) => id),
  );
  const last = rows.at(-1);
  return {
    answers: rows.flatMap(({ id, ...row }) => {
      const text = texts.get(id);
      return text === undefined || text.response === '' ? [] : [{ ...row, ...text, interaction: id }];
    }),
    last: last === undefined ? null : { at: last.ended_at, id: last.id },
  };
}

/** What grading live answers has cost since a moment. */
export async function gradingCost(ledger: Ledger, since: number): Promise<Usd> {
  const [row] = await ledger.query<{ total: string | null }>(
    `SELECT sum(cost_usd) AS total FROM ledger.scores WHERE recorded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
       AND interaction IN (SELECT id FROM ledger.interactions WHERE ${LIVE_TRAFFIC})`,
    { since },
  );
  return row === undefined || row.total === null ? 0n : parseUsd(row.total);
}
