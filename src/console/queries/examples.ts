// Interactions from before and after a moment: what an incident shows of the change.
import { LIVE_TRAFFIC } from '../../monitoring/metrics/metric-table.ts';
import type { LedgerClient, LedgerParam } from '../../storage/ledger/ledger.ts';

export interface ExampleRequest {
  readonly at: number;
  readonly prompt: string;
  readonly model: string;
  readonly count: number;
}

/** Ids of the interactions closest to the moment on either side, live traffic alone. */
export async function examplesAround(
  ledger: LedgerClient,
  { at, prompt, model, count }: ExampleRequest,
): Promise<{ before: string[]; after: string[] }> {
  const conditions = [LIVE_TRAFFIC];
  const params: Record<string, LedgerParam> = { at, count };
  if (prompt !== '') {
    conditions.push('prompt = {prompt:String}');
    params['prompt'] = prompt;
  }
  if (model !== '') {
    conditions.push('model = {model:String}');
    params['model'] = model;
  }
  const side = async (comparison: string, order: string): Promise<string[]> => {
    const rows = await ledger.query<{ id: string }>(
      `SELECT id FROM ledger.interactions WHERE at ${comparison} fromUnixTimestamp64Milli({at:Int64}, 'UTC') AND ${conditions.join(' AND ')} ORDER BY at ${order}, id LIMIT {count:UInt32}`,
      params,
    );
    return rows.map((row) => row.id);
  };
  const [before, after] = await Promise.all([side('<', 'DESC'), side('>=', 'ASC')]);
  return { before, after };
}
