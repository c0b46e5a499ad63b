// Rows for telemetry, in the order they came after a cursor.
import type { CallRow, ScoreEventRow } from '../../monitoring/telemetry/telemetry-rows.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { after, ENDED_AFTER, MAY_END_AFTER, type Cursor } from './cursor.ts';

/** Upstream calls of the interactions that ended after the cursor and before `to`; an interaction without a call is one row with an empty attempt. */
export async function callsAfter(
  ledger: LedgerClient,
  cursor: Cursor,
  to: number,
  limit: number,
): Promise<CallRow[]> {
  return ledger.query<CallRow>(
    `WITH chosen AS (SELECT * FROM ledger.interactions WHERE ${ENDED_AFTER} ORDER BY ended_at, id LIMIT {limit:UInt32})
SELECT i.id AS interaction, a.id AS attempt, toUnixTimestamp64Milli(i.at) AS at, toUnixTimestamp64Milli(i.ended_at) AS ended_at, i.status AS status, i.error_kind AS interaction_error, i.shape AS shape, i.streamed AS streamed, i.prompt AS prompt, i.version AS version, i.variant AS variant, i.model AS model, i.route AS route, i.session AS session, i.finish_reason AS finish_reason, i.cost_usd AS cost_usd, a.attempt_provider AS provider, a.upstream_model AS upstream_model, a.answered_model AS answered_model, toUnixTimestamp64Milli(a.started_at) AS started_at, a.latency_ms AS latency_ms, a.ttft_ms AS ttft_ms, a.error_kind AS error_kind, a.usage_known AS usage_known, a.input AS input, a.cache_read AS cache_read, a.cache_write AS cache_write, a.output AS output, a.reasoning AS reasoning
FROM chosen AS i LEFT JOIN (SELECT * FROM ledger.attempts WHERE ${MAY_END_AFTER} AND interaction IN (SELECT id FROM chosen)) AS a ON a.interaction = i.id
ORDER BY i.ended_at, i.id, a.position`,
    { at: cursor.at, id: cursor.id, to, limit },
  );
}

/** Scores by the time they came in. */
export async function scoresAfter(
  ledger: LedgerClient,
  cursor: Cursor,
  to: number,
  limit: number,
): Promise<ScoreEventRow[]> {
  return ledger.query<ScoreEventRow>(
    `SELECT id, interaction, toUnixTimestamp64Milli(recorded_at) AS came_at, scorer, score, reason FROM ledger.scores WHERE ${after('recorded_at')} ORDER BY recorded_at, id LIMIT {limit:UInt32}`,
    { at: cursor.at, id: cursor.id, to, limit },
  );
}
