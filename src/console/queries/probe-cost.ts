// What probes have cost since a moment.
import { parseUsd, type Usd } from '../../kernel/money.ts';
import { PROBE_TAG } from '../../contract/own-tags.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';

/** Rejects when the ledger does not answer. */
export async function probeCost(ledger: Pick<LedgerClient, 'query'>, since: number): Promise<Usd> {
  const [row] = await ledger.query<{ total: string | null }>(
    `SELECT sum(cost_usd) AS total FROM ledger.interactions WHERE at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND has(tags, {tag:String})`,
    { since, tag: PROBE_TAG },
  );
  return row === undefined || row.total === null ? 0n : parseUsd(row.total);
}
