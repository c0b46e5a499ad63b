// Interactions out of the ledger: pages by key (never by offset), and one in full.
import { z } from 'zod';
import type { InteractionDetail, InteractionSummary } from '../../contract/api.ts';
import type { Finding } from '../../contract/interaction.ts';
import { isoTime } from '../../kernel/clock.ts';
import { RequestError } from '../../kernel/errors.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { Scope } from '../scope.ts';
import { attemptOf, exactUsd, USAGE_COLUMNS, usageOf } from './attempt-columns.ts';
import type { AttemptColumns, UsageColumns } from './attempt-columns.ts';
import { scopeCondition, whereInteractions, type InteractionFilter, type Position } from './conditions.ts';

interface InteractionColumns extends UsageColumns {
  readonly id: string;
  readonly at_ms: number;
  readonly status: InteractionSummary['status'];
  readonly http_status: number;
  readonly error_kind: string;
  readonly prompt: string;
  readonly version: string;
  readonly variant: string;
  readonly model: string;
  readonly provider: string;
  readonly route: string;
  readonly key: string;
  readonly end_user: string;
  readonly session: string;
  readonly tags: string[];
  readonly workload: string;
  readonly shape: string;
  readonly streamed: boolean;
  readonly cache: string;
  readonly finish_reason: string;
  readonly cost_usd: string | null;
  readonly saved_usd: string | null;
  readonly latency_ms: number;
  readonly ttft_ms: number | null;
}

interface DetailColumns extends InteractionColumns {
  readonly error_message: string;
  readonly fingerprint: string;
  readonly answered_model: string;
  readonly response_characters: number;
  readonly refused: boolean;
  readonly sensitive: boolean;
  readonly not_scanned: string[];
  readonly scores: Record<string, number>;
}

const SUMMARY = `id, toUnixTimestamp64Milli(at) AS at_ms, status, http_status, error_kind, prompt, version, variant, model, provider, route, key, end_user, session, tags, workload, shape, streamed, cache, finish_reason, ${USAGE_COLUMNS}, cost_usd, saved_usd, latency_ms, ttft_ms`;
const DETAIL = `${SUMMARY}, error_message, fingerprint, answered_model, response_characters, refused, sensitive, not_scanned, scores`;

function summaryOf(row: InteractionColumns, simulated: ReadonlySet<string>): InteractionSummary {
  const { id, status, http_status, error_kind, prompt, version, variant, model, provider, route, key } = row;
  const { session, tags, workload, shape, streamed, cache, finish_reason, latency_ms, ttft_ms } = row;
  return {
    id,
    at: isoTime(row.at_ms),
    status,
    http_status,
    error_kind,
    prompt,
    version,
    variant,
    model,
    provider,
    route,
    key,
    user: row.end_user,
    session,
    tags,
    workload,
    shape,
    streamed,
    cache,
    finish_reason,
    usage: usageOf(row),
    cost_usd: exactUsd(row.cost_usd),
    saved_usd: exactUsd(row.saved_usd),
    latency_ms,
    ttft_ms,
    simulated: simulated.has(provider),
  };
}

export function encodeCursor(position: Position): string {
  return Buffer.from(JSON.stringify([position.at, position.id])).toString('base64url');
}

const cursorSchema = z.tuple([z.number().int(), z.string().max(200)]);

/** Throws a RequestError for a cursor that is not one of ours. */
export function decodeCursor(cursor: string): Position {
  try {
    const [at, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { at, id };
  } catch {
    throw new RequestError({
      code: 'bad_cursor',
      message: 'cursor: give the `next_cursor` of the page before, unchanged.',
      param: 'cursor',
    });
  }
}

export interface PageRequest {
  readonly scope: Scope;
  readonly filter: InteractionFilter;
  readonly limit: number;
  readonly after?: Position;
  readonly simulated: ReadonlySet<string>;
}

export interface Page {
  readonly interactions: InteractionSummary[];
  /** Null at the end. */
  readonly next: Position | null;
}

/** Newest first. */
export async function interactionPage(ledger: LedgerClient, request: PageRequest): Promise<Page> {
  const where = whereInteractions(request.scope, request.filter, request.after);
  const rows = await ledger.query<InteractionColumns>(
    `SELECT ${SUMMARY} FROM ledger.interactions WHERE ${where.sql} ORDER BY at DESC, id DESC LIMIT {limit:UInt32}`,
    { ...where.params, limit: request.limit + 1 },
  );
  const shown = rows.slice(0, request.limit);
  const last = shown.at(-1);
  return {
    interactions: shown.map((row) => summaryOf(row, request.simulated)),
    next: rows.length > request.limit && last !== undefined ? { at: last.at_ms, id: last.id } : null,
  };
}

type Recorded = { readonly recorded_ms: number };
type FeedbackColumns = Recorded &
  Omit<InteractionDetail['feedback'][number], 'at' | 'thumb'> & { readonly thumb: 'up' | 'down' | '' };
type ScoreColumns = Recorded & Omit<InteractionDetail['scores'][number], 'at'>;
type RatingColumns = Recorded & Omit<InteractionDetail['ratings'][number], 'at'>;

/** Facts of one interaction from a table of their own. */
async function factsOf<Row>(
  ledger: LedgerClient,
  columns: string,
  table: string,
  row: InteractionColumns,
): Promise<Row[]> {
  return ledger.query<Row>(
    `SELECT ${columns} FROM ledger.${table} WHERE at = fromUnixTimestamp64Milli({at:Int64}, 'UTC') AND interaction = {id:String}`,
    { id: row.id, at: row.at_ms },
  );
}

const RECORDED = 'id, toUnixTimestamp64Milli(recorded_at) AS recorded_ms';

async function lateFacts(
  ledger: LedgerClient,
  row: InteractionColumns,
): Promise<Pick<InteractionDetail, 'feedback' | 'scores' | 'ratings'>> {
  const [feedback, scores, ratings] = await Promise.all([
    factsOf<FeedbackColumns>(
      ledger,
      `${RECORDED}, thumb, rating, comment, task_completed, labels`,
      'feedback',
      row,
    ),
    factsOf<ScoreColumns>(ledger, `${RECORDED}, scorer, score, reason, cost_usd`, 'scores', row),
    factsOf<RatingColumns>(ledger, `${RECORDED}, rater, dimension, value, comment`, 'ratings', row),
  ]);
  return {
    feedback: feedback.map(({ recorded_ms, thumb, ...rest }) => ({
      ...rest,
      at: isoTime(recorded_ms),
      thumb: thumb === '' ? null : thumb,
    })),
    scores: scores.map(({ recorded_ms, ...rest }) => ({
      ...rest,
      at: isoTime(recorded_ms),
      cost_usd: exactUsd(rest.cost_usd),
    })),
    ratings: ratings.map(({ recorded_ms, ...rest }) => ({ ...rest, at: isoTime(recorded_ms) })),
  };
}

/** One interaction with all that is known of it, or null where there is none within the scope. */
export async function interactionDetail(
  ledger: LedgerClient,
  scope: Scope,
  id: string,
  simulated: ReadonlySet<string>,
): Promise<InteractionDetail | null> {
  const confined = scopeCondition(scope);
  const [row] = await ledger.query<DetailColumns>(
    `SELECT ${DETAIL} FROM ledger.interactions WHERE ${confined.sql} AND id = {id:String} LIMIT 1`,
    { ...confined.params, id },
  );
  if (row === undefined) return null;
  const [attempts, findings, payloads, late] = await Promise.all([
    factsOf<AttemptColumns>(
      ledger,
      `id, attempt_provider, attempt_model, upstream_model, answered_model, fingerprint, toUnixTimestamp64Milli(started_at) AS started_ms, latency_ms, ttft_ms, http_status, error_kind, ${USAGE_COLUMNS}, usage_source, cost_usd, position`,
      'attempts',
      row,
    ),
    factsOf<Finding & { position: number }>(
      ledger,
      'guardrail, type, direction, start, end, score, action, place, position',
      'findings',
      row,
    ),
    factsOf<{ request: string; response: string }>(ledger, 'request, response', 'payloads', row),
    lateFacts(ledger, row),
  ]);
  const { error_message, fingerprint, answered_model, response_characters, refused, sensitive, not_scanned } =
    row;
  return {
    ...summaryOf(row, simulated),
    error_message,
    fingerprint,
    answered_model,
    response_characters,
    refused,
    sensitive,
    not_scanned,
    guardrail_scores: row.scores,
    request_payload: payloads[0]?.request ?? '',
    response_payload: payloads[0]?.response ?? '',
    attempts: attempts.map(attemptOf),
    findings: findings.map(({ position: _position, ...finding }) => finding),
    ...late,
  };
}
