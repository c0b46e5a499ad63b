// New interactions in order of time, with what drift is read from.
import { PROBE_TAG } from '../../contract/own-tags.ts';
import { LIVE_TRAFFIC } from '../../monitoring/metrics/metric-table.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { after, ENDED_AFTER, type Cursor } from './cursor.ts';

export interface DriftRow {
  readonly id: string;
  readonly at: number;
  readonly ended_at: number;
  readonly prompt: string;
  readonly version: string;
  readonly model: string;
  readonly status: string;
  readonly error_kind: string;
  readonly response: string;
}

const COLUMNS =
  'i.id AS id, toUnixTimestamp64Milli(i.at) AS at, toUnixTimestamp64Milli(i.ended_at) AS ended_at, i.prompt AS prompt, i.version AS version, i.model AS model, i.status AS status, i.error_kind AS error_kind, p.response AS response';

const PAYLOADS = `LEFT JOIN (SELECT interaction, any(response) AS response FROM ledger.payloads WHERE interaction IN (SELECT id FROM chosen) GROUP BY interaction) AS p ON p.interaction = i.id`;

/** Whose interactions: the users' own, or those of probes. */
export type Traffic = 'live' | 'probes';

const WHOSE: Readonly<Record<Traffic, string>> = { live: LIVE_TRAFFIC, probes: `has(tags, '${PROBE_TAG}')` };

/** Ended after the cursor and before `to`, in that order. */
export async function rowsAfter(
  ledger: LedgerClient,
  traffic: Traffic,
  cursor: Cursor,
  to: number,
  limit: number,
): Promise<DriftRow[]> {
  return ledger.query<DriftRow>(
    `WITH chosen AS (SELECT * FROM ledger.interactions WHERE ${ENDED_AFTER} AND ${WHOSE[traffic]} ORDER BY ended_at, id LIMIT {limit:UInt32})
SELECT ${COLUMNS} FROM chosen AS i ${PAYLOADS} ORDER BY ended_at, id`,
    { at: cursor.at, id: cursor.id, to, limit },
  );
}

/** The last `count` of each stream up to and with the cursor, in the order they ended: what a restart begins with. */
export async function lastRowsOfStreams(
  ledger: LedgerClient,
  traffic: Traffic,
  cursor: Cursor,
  from: number,
  count: number,
): Promise<DriftRow[]> {
  return ledger.query<DriftRow>(
    `WITH chosen AS (SELECT * FROM ledger.interactions WHERE at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND ended_at <= fromUnixTimestamp64Milli({at:Int64}, 'UTC') AND (ended_at < fromUnixTimestamp64Milli({at:Int64}, 'UTC') OR id <= {id:String}) AND ${WHOSE[traffic]} ORDER BY ended_at DESC, id DESC LIMIT {count:UInt32} BY prompt, ${traffic === 'live' ? '' : 'version, '}model LIMIT 20000)
SELECT ${COLUMNS} FROM chosen AS i ${PAYLOADS} ORDER BY ended_at, id`,
    { at: cursor.at, id: cursor.id, from, count },
  );
}

export interface ComplaintRow {
  readonly prompt: string;
  readonly model: string;
  readonly at: number;
  readonly id: string;
  readonly comment: string;
  readonly complaint: number;
}

/** Feedback by the time it came in, after the cursor. */
export async function feedbackAfter(
  ledger: LedgerClient,
  cursor: Cursor,
  to: number,
  limit: number,
): Promise<ComplaintRow[]> {
  return ledger.query<ComplaintRow>(
    `SELECT id, toUnixTimestamp64Milli(recorded_at) AS at, prompt, model, comment, has(labels, 'complaint') OR thumb = 'down' OR ifNull(rating, 5) <= 2 AS complaint FROM ledger.feedback WHERE ${after('recorded_at')} ORDER BY recorded_at, id LIMIT {limit:UInt32}`,
    { at: cursor.at, id: cursor.id, to, limit },
  );
}
