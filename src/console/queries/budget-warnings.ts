// Lines of budgets that interactions crossed, as the gateway recorded them with each.
import type { LedgerClient } from '../../storage/ledger/ledger.ts';

export interface BudgetCrossing {
  readonly interaction: string;
  readonly at: number;
  /** Name in binnacle.yaml. */
  readonly budget: string;
  /** Of the budget's amount. */
  readonly percentage: number;
  readonly key: string;
  readonly prompt: string;
}

const MOST = 1000;

/** Those since an instant, earliest first. */
export async function budgetCrossings(ledger: LedgerClient, since: number): Promise<BudgetCrossing[]> {
  const rows = await ledger.query<
    Omit<BudgetCrossing, 'percentage' | 'at'> & { readonly type: string; readonly at_ms: number }
  >(
    `SELECT interaction, toUnixTimestamp64Milli(at) AS at_ms, place AS budget, type, key, prompt FROM ledger.findings WHERE at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND guardrail = 'budget' ORDER BY at, interaction, position LIMIT {limit:UInt32}`,
    { since, limit: MOST },
  );
  return rows.flatMap(({ type, at_ms: at, ...row }) => {
    const percentage = Number(/^BUDGET_(\d+(?:\.\d+)?)_PERCENT$/.exec(type)?.[1]);
    return Number.isFinite(percentage) ? [{ ...row, at, percentage }] : [];
  });
}
