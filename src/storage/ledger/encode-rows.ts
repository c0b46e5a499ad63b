// Spool rows → insert bodies, one a table: each row is an array of values in the order of the table's columns. Pure.
import type {
  Attempt,
  EndRow,
  FeedbackRow,
  Finding,
  RatingRow,
  ScoreRow,
} from '../../contract/interaction.ts';
import type { Usage } from '../../contract/usage.ts';
import type { FactTable } from './migrations.ts';

type Cell = string | number | boolean | null | readonly string[] | Readonly<Record<string, number>>;
type Column<Row> = readonly [name: string, value: (row: Row) => Cell];

/** What a fact is cut by. */
export interface Dimensions {
  readonly at: number;
  readonly workspace: string;
  readonly key: string;
  readonly prompt: string;
  readonly version: string;
  readonly variant: string;
  readonly model: string;
  readonly provider: string;
  readonly route: string;
  readonly end_user: string;
  readonly workload: string;
}

const dimensionColumns: readonly Column<Dimensions>[] = [
  ['at', (row) => Math.round(row.at)],
  ['workspace', (row) => row.workspace],
  ['key', (row) => row.key],
  ['prompt', (row) => row.prompt],
  ['version', (row) => row.version],
  ['variant', (row) => row.variant],
  ['model', (row) => row.model],
  ['provider', (row) => row.provider],
  ['route', (row) => row.route],
  ['end_user', (row) => row.end_user],
  ['workload', (row) => row.workload],
];

const usageColumns: readonly Column<{ readonly usage: Usage | null }>[] = [
  ['usage_known', (row) => row.usage !== null],
  ['input', (row) => row.usage?.input ?? 0],
  ['cache_read', (row) => row.usage?.cache_read ?? 0],
  ['cache_write', (row) => row.usage?.cache_write ?? 0],
  ['output', (row) => row.usage?.output ?? 0],
  ['reasoning', (row) => row.usage?.reasoning ?? 0],
];

const interactionColumns: readonly Column<EndRow>[] = [
  ['id', (row) => row.id],
  ...dimensionColumns,
  ['ended_at', (row) => Math.round(row.ended_at)],
  ['shape', (row) => row.shape],
  ['streamed', (row) => row.streamed],
  ['session', (row) => row.session],
  ['tags', (row) => row.tags],
  ['sensitive', (row) => row.sensitive],
  ['reserved_usd', (row) => row.reserved_usd],
  ['status', (row) => row.status],
  ['http_status', (row) => row.http_status],
  ['error_kind', (row) => row.error_kind],
  ['error_message', (row) => row.error_message],
  ['answered_model', (row) => row.answered_model],
  ['fingerprint', (row) => row.fingerprint],
  ['finish_reason', (row) => row.finish_reason],
  ['cache', (row) => row.cache],
  ...usageColumns,
  ['cost_usd', (row) => row.cost_usd],
  ['saved_usd', (row) => row.saved_usd],
  ['latency_ms', (row) => row.latency_ms],
  ['ttft_ms', (row) => row.ttft_ms],
  ['response_characters', (row) => row.response_characters],
  ['refused', (row) => row.refused],
  ['attempt_count', (row) => row.attempts.length],
  ['finding_count', (row) => row.findings.length],
  ['findings_by_action', (row) => countByAction(row.findings)],
  ['scores', (row) => row.scores],
  ['not_scanned', (row) => row.not_scanned],
];

function countByAction(findings: readonly Finding[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { action } of findings) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

interface Part<Item> {
  readonly end: EndRow;
  readonly item: Item;
  readonly position: number;
}

function ofEnd<Item>(columns: readonly Column<Dimensions>[]): Column<Part<Item>>[] {
  return columns.map(([name, value]) => [name, (part) => value(part.end)]);
}

const attemptColumns: readonly Column<Part<Attempt>>[] = [
  ['interaction', (part) => part.end.id],
  ...ofEnd<Attempt>(dimensionColumns),
  ['id', (part) => part.item.id],
  ['position', (part) => part.position],
  ['attempt_provider', (part) => part.item.provider],
  ['attempt_model', (part) => part.item.model],
  ['upstream_model', (part) => part.item.upstream_model],
  ['answered_model', (part) => part.item.answered_model ?? ''],
  ['fingerprint', (part) => part.item.fingerprint ?? ''],
  ['started_at', (part) => Math.round(part.item.started_at)],
  ['latency_ms', (part) => part.item.latency_ms],
  ['ttft_ms', (part) => part.item.ttft_ms],
  ['http_status', (part) => part.item.http_status],
  ['error_kind', (part) => part.item.error_kind ?? ''],
  ...usageColumns.map(([name, value]): Column<Part<Attempt>> => [name, (part) => value(part.item)]),
  ['usage_source', (part) => part.item.usage_source],
  ['cost_usd', (part) => part.item.cost_usd],
];

const findingColumns: readonly Column<Part<Finding>>[] = [
  ['interaction', (part) => part.end.id],
  ...ofEnd<Finding>(dimensionColumns),
  ['position', (part) => part.position],
  ['guardrail', (part) => part.item.guardrail],
  ['type', (part) => part.item.type],
  ['direction', (part) => part.item.direction],
  ['start', (part) => part.item.start],
  ['end', (part) => part.item.end],
  ['score', (part) => part.item.score],
  ['action', (part) => part.item.action],
  ['place', (part) => part.item.place],
];

const payloadColumns: readonly Column<EndRow>[] = [
  ['interaction', (row) => row.id],
  ['at', (row) => Math.round(row.at)],
  ['key', (row) => row.key],
  ['end_user', (row) => row.end_user],
  ['request', (row) => row.request_payload],
  ['response', (row) => row.response_payload],
];

interface Late<Row> {
  readonly row: Row;
  readonly dimensions: Dimensions;
}

function lateColumns<Row extends { id: string; interaction: string; at: number }>(
  own: readonly Column<Row>[],
): Column<Late<Row>>[] {
  return [
    ['interaction', (late) => late.row.interaction],
    ...dimensionColumns.map(([name, value]): Column<Late<Row>> => [name, (late) => value(late.dimensions)]),
    ['id', (late) => late.row.id],
    ['recorded_at', (late) => Math.round(late.row.at)],
    ...own.map(([name, value]): Column<Late<Row>> => [name, (late) => value(late.row)]),
  ];
}

const feedbackColumns = lateColumns<FeedbackRow>([
  ['thumb', (row) => row.thumb ?? ''],
  ['rating', (row) => row.rating],
  ['comment', (row) => row.comment],
  ['task_completed', (row) => row.task_completed],
  ['labels', (row) => row.labels],
]);

const scoreColumns = lateColumns<ScoreRow>([
  ['scorer', (row) => row.scorer],
  ['score', (row) => row.score],
  ['reason', (row) => row.reason],
  ['cost_usd', (row) => row.cost_usd],
]);

const ratingColumns = lateColumns<RatingRow>([
  ['rater', (row) => row.rater],
  ['dimension', (row) => row.dimension],
  ['value', (row) => row.value],
  ['comment', (row) => row.comment],
  ['cost_usd', (row) => row.cost_usd],
]);

/** One insert: rows as JSON arrays, a line each. */
export interface InsertBody {
  readonly table: FactTable;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly body: string;
}

function encode<Row>(table: FactTable, columns: readonly Column<Row>[], rows: readonly Row[]): InsertBody {
  const values = columns.map((column) => column[1]);
  const lines = rows.map((row) => JSON.stringify(values.map((value) => value(row))));
  return { table, columns: columns.map((column) => column[0]), rows: rows.length, body: lines.join('\n') };
}

function parts<Item>(ends: readonly EndRow[], items: (end: EndRow) => readonly Item[]): Part<Item>[] {
  return ends.flatMap((end) => items(end).map((item, position) => ({ end, item, position })));
}

/** The inserts of finished interactions; `interactions` comes last, so that one that can be seen has its attempts and payloads. */
export function encodeEnds(ends: readonly EndRow[]): InsertBody[] {
  const withPayloads = ends.filter((end) => end.request_payload !== '' || end.response_payload !== '');
  return [
    encode(
      'attempts',
      attemptColumns,
      parts(ends, (end) => end.attempts),
    ),
    encode(
      'findings',
      findingColumns,
      parts(ends, (end) => end.findings),
    ),
    encode('payloads', payloadColumns, withPayloads),
    encode('interactions', interactionColumns, ends),
  ].filter((insert) => insert.rows > 0);
}

export type LateRow = FeedbackRow | ScoreRow | RatingRow;

/** The inserts of later facts, with the dimensions of the interaction each belongs to. */
export function encodeLate(
  rows: readonly LateRow[],
  dimensionsOf: (row: LateRow) => Dimensions,
): InsertBody[] {
  const late = <Row extends LateRow>(chosen: readonly Row[]): Late<Row>[] =>
    chosen.map((row) => ({ row, dimensions: dimensionsOf(row) }));
  return [
    encode('feedback', feedbackColumns, late(rows.filter((row) => row.row === 'feedback'))),
    encode('scores', scoreColumns, late(rows.filter((row) => row.row === 'score'))),
    encode('ratings', ratingColumns, late(rows.filter((row) => row.row === 'rating'))),
  ].filter((insert) => insert.rows > 0);
}

/** Dimensions of a fact whose interaction is not known (yet): the time in its id, the rest empty. */
export function unknownDimensions(row: LateRow): Dimensions {
  const inId = Number.parseInt(/^int_([0-9a-f]{12})/.exec(row.interaction)?.[1] ?? '', 16);
  return {
    at: Number.isNaN(inId) ? row.at : inId,
    workspace: '',
    key: row.row === 'feedback' ? row.key : '',
    prompt: '',
    version: '',
    variant: '',
    model: '',
    provider: '',
    route: '',
    end_user: '',
    workload: '',
  };
}
