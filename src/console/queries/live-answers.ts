// Live answers since a moment, as judges and scorers grade them, and what grading has cost since midnight.
import { parseUsd, type Usd } from '../../kernel/money.ts';
import { LIVE_TRAFFIC } from '../../monitoring/metrics/metric-table.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { storedTexts, type StoredTexts } from './evaluation.ts';

export interface LiveAnswer extends StoredTexts {
  readonly interaction: string;
  readonly at: number;
  readonly prompt: string;
  readonly cost_usd: string | null;
  readonly latency_ms: number;
}

type Ledger = Pick<LedgerClient, 'query'>;

/** Answered interactions that are the users' own, in order of (time, id) after a position; those without stored texts are left out. */
export async function liveAnswers(
  ledger: Ledger,
  after: { readonly at: number; readonly id: string },
  limit: number,
): Promise<{ readonly answers: LiveAnswer[]; readonly last: { at: number; id: string } | null }> {
  const rows = await ledger.query<Omit<LiveAnswer, keyof StoredTexts | 'interaction'> & { id: string }>(
    `SELECT id, toUnixTimestamp64Milli(at) AS at, prompt, cost_usd, latency_ms FROM ledger.interactions AS one
     WHERE status = 'ok' AND ${LIVE_TRAFFIC}
       AND (one.at > fromUnixTimestamp64Milli({at:Int64}, 'UTC')
         OR (one.at = fromUnixTimestamp64Milli({at:Int64}, 'UTC') AND id > {id:String}))
     ORDER BY one.at, id LIMIT {limit:UInt32}`,
    { ...after, limit },
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
    last: last === undefined ? null : { at: last.at, id: last.id },
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
