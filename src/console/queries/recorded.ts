// Interactions as they are exported: the end row as it was recorded, with times in ISO 8601, a page at a time so that memory stays bounded.
import type { EndRow, Finding } from '../../contract/interaction.ts';
import { isoTime } from '../../kernel/clock.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { Scope } from '../scope.ts';
import { attemptOf, exactUsd, USAGE_COLUMNS, usageOf } from './attempt-columns.ts';
import type { AttemptColumns, UsageColumns } from './attempt-columns.ts';
import { whereInteractions, type InteractionFilter, type Position } from './conditions.ts';

/** What an export writes and an import takes. */
export type RecordedInteraction = Omit<EndRow, 'row' | 'at' | 'ended_at'> & {
  readonly at: string;
  readonly ended_at: string;
};

type RecordedColumns = Omit<
  EndRow,
  'row' | 'at' | 'ended_at' | 'usage' | 'attempts' | 'findings' | 'request_payload' | 'response_payload'
> &
  UsageColumns & { readonly at_ms: number; readonly ended_ms: number };

const COLUMNS = `id, toUnixTimestamp64Milli(at) AS at_ms, toUnixTimestamp64Milli(ended_at) AS ended_ms, workspace, key, shape, streamed, prompt, version, variant, model, route, end_user, session, tags, workload, sensitive, reserved_usd, status, http_status, error_kind, error_message, provider, answered_model, fingerprint, finish_reason, cache, ${USAGE_COLUMNS}, cost_usd, saved_usd, latency_ms, ttft_ms, response_characters, refused, scores, not_scanned`;

function byInteraction<Row extends { readonly interaction: string }>(
  rows: readonly Row[],
): Map<string, Row[]> {
  return Map.groupBy(rows, (row) => row.interaction);
}

/** Rows of a side table that belong to a page of interactions. */
async function belonging<Row>(
  ledger: LedgerClient,
  table: string,
  columns: string,
  page: readonly RecordedColumns[],
): Promise<Row[]> {
  const times = page.map((row) => row.at_ms);
  return ledger.query<Row>(
    `SELECT ${columns} FROM ledger.${table} WHERE at >= fromUnixTimestamp64Milli({first:Int64}, 'UTC') AND at <= fromUnixTimestamp64Milli({last:Int64}, 'UTC') AND interaction IN {ids:Array(String)} ORDER BY at, interaction`,
    { first: Math.min(...times), last: Math.max(...times), ids: page.map((row) => row.id) },
  );
}

async function completed(
  ledger: LedgerClient,
  page: readonly RecordedColumns[],
): Promise<RecordedInteraction[]> {
  const [attempts, findings, payloads] = await Promise.all([
    belonging<AttemptColumns & { interaction: string; position: number }>(
      ledger,
      'attempts',
      `interaction, position, id, attempt_provider, attempt_model, upstream_model, answered_model, fingerprint, toUnixTimestamp64Milli(started_at) AS started_ms, latency_ms, ttft_ms, http_status, error_kind, ${USAGE_COLUMNS}, usage_source, cost_usd`,
      page,
    ).then(byInteraction),
    belonging<Finding & { interaction: string; position: number }>(
      ledger,
      'findings',
      'interaction, position, guardrail, type, direction, start, end, score, action, place',
      page,
    ).then(byInteraction),
    belonging<{ interaction: string; request: string; response: string }>(
      ledger,
      'payloads',
      'interaction, request, response',
      page,
    ).then(byInteraction),
  ]);
  return page.map((row) => {
    const {
      at_ms,
      ended_ms,
      usage_known: _known,
      input: _i,
      cache_read: _r,
      cache_write: _w,
      output: _o,
      reasoning: _t,
      ...rest
    } = row;
    const payload = payloads.get(row.id)?.[0];
    const inOrder = <Item extends { position: number }>(items: Item[] | undefined): Item[] =>
      (items ?? []).sort((a, b) => a.position - b.position);
    return {
      ...rest,
      at: isoTime(at_ms),
      ended_at: isoTime(ended_ms),
      usage: usageOf(row),
      reserved_usd: exactUsd(row.reserved_usd),
      cost_usd: exactUsd(row.cost_usd),
      saved_usd: exactUsd(row.saved_usd),
      attempts: inOrder(attempts.get(row.id)).map(attemptOf),
      findings: inOrder(findings.get(row.id)).map(
        ({ interaction: _interaction, position: _position, ...finding }) => finding,
      ),
      request_payload: payload?.request ?? '',
      response_payload: payload?.response ?? '',
    };
  });
}

const PAGE_ROWS = 500;

/** Every interaction of a filter within a scope, newest first, as pages of at most 500. */
export async function* recordedPages(
  ledger: LedgerClient,
  scope: Scope,
  filter: InteractionFilter,
): AsyncGenerator<RecordedInteraction[]> {
  let after: Position | undefined;
  for (;;) {
    const where = whereInteractions(scope, filter, after);
    const page = await ledger.query<RecordedColumns>(
      `SELECT ${COLUMNS} FROM ledger.interactions WHERE ${where.sql} ORDER BY at DESC, id DESC LIMIT {limit:UInt32}`,
      { ...where.params, limit: PAGE_ROWS },
    );
    const last = page.at(-1);
    if (last === undefined) return;
    yield await completed(ledger, page);
    if (page.length < PAGE_ROWS) return;
    after = { at: last.at_ms, id: last.id };
  }
}
