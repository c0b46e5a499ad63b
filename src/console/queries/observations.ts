// Interactions around a moment as the search for a cause looks at them: a bounded sample on either side, with what served each and what its
// provider did.
import { LATE_FACTS } from '../../monitoring/cause/observed-metrics.ts';
import { PROBE_TAG } from '../../contract/own-tags.ts';
import { LIVE_TRAFFIC } from '../../monitoring/metrics/metric-table.ts';
import type { LedgerClient, LedgerParam } from '../../storage/ledger/ledger.ts';

export interface ObservedRow {
  readonly id: string;
  readonly at: number;
  readonly value: number | null;
  readonly prompt: string;
  readonly version: string;
  readonly variant: string;
  readonly model: string;
  readonly provider: string;
  readonly answered_model: string;
  readonly fingerprint: string;
  readonly end_user: string;
  readonly provider_ms: number | null;
  readonly provider_failed: number;
  readonly request: string;
  readonly response: string;
}

export interface ObservationRequest {
  /** SQL of the metric over a row `i`; `l.late_value` where it is made of later facts. */
  readonly valueSql: string;
  readonly metric: string;
  readonly prompt: string;
  readonly model: string;
  readonly from: number;
  readonly to: number;
  /** Most rows; those closest to `from` or `to`. */
  readonly limit: number;
  readonly closestTo: 'from' | 'to';
  /** Probes alone, instead of the users' own traffic alone. */
  readonly isProbe: boolean;
}

/** Rows in order of time. */
export async function observationsOf(
  ledger: LedgerClient,
  request: ObservationRequest,
): Promise<ObservedRow[]> {
  const params: Record<string, LedgerParam> = { from: request.from, to: request.to, limit: request.limit };
  const conditions = [
    "at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')",
    "at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')",
    request.isProbe ? `has(tags, '${PROBE_TAG}')` : LIVE_TRAFFIC,
  ];
  for (const name of ['prompt', 'model'] as const) {
    if (request[name] === '') continue;
    conditions.push(`${name} = {${name}:String}`);
    params[name] = request[name];
  }
  const late = LATE_FACTS[request.metric];
  const order = request.closestTo === 'to' ? 'DESC' : 'ASC';
  const sql = `WITH chosen AS (SELECT * FROM ledger.interactions WHERE ${conditions.join(' AND ')} ORDER BY at ${order}, id LIMIT {limit:UInt32})
SELECT i.id AS id, toUnixTimestamp64Milli(i.at) AS at, ${request.valueSql} AS value, i.prompt AS prompt, i.version AS version, i.variant AS variant, i.model AS model, i.provider AS provider, i.answered_model AS answered_model, i.fingerprint AS fingerprint, i.end_user AS end_user, a.provider_ms AS provider_ms, a.provider_failed AS provider_failed, p.request AS request, p.response AS response
FROM chosen AS i
LEFT JOIN (SELECT interaction, toNullable(sum(latency_ms)) AS provider_ms, max(error_kind != '') AS provider_failed FROM ledger.attempts WHERE interaction IN (SELECT id FROM chosen) AND at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC') GROUP BY interaction) AS a ON a.interaction = i.id
LEFT JOIN (SELECT interaction, any(request) AS request, any(response) AS response FROM ledger.payloads WHERE interaction IN (SELECT id FROM chosen) AND at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC') GROUP BY interaction) AS p ON p.interaction = i.id
${late === undefined ? '' : `INNER JOIN ${late} AS l ON l.interaction = i.id`}
ORDER BY at, id`;
  return ledger.query<ObservedRow>(sql, params);
}
