// Metrics of a window, cut by dimensions and by time: one query a source of facts, however many metrics are asked for.
import type { MetricDimension } from '../../contract/alert-rule.ts';
import { RequestError } from '../../kernel/errors.ts';
import type { LedgerClient, LedgerParam } from '../../storage/ledger/ledger.ts';
import { findMetric, sumsOf, type Metric, type MetricSource, type Sum } from './metric-table.ts';
import { metricValue, type MetricValue, type SumValue } from './metric-value.ts';

/** Times are UTC milliseconds. */
export interface Period {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export interface MetricRequest {
  readonly metrics: readonly string[];
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Only facts with one of these values, for each dimension named. */
  readonly where?: Readonly<Partial<Record<MetricDimension, readonly string[]>>>;
  /** One cell for each combination of values found. */
  readonly by?: readonly MetricDimension[];
  /** Cuts the window into steps of this length, counted from `from`; absent: the whole window is one. */
  readonly stepMilliseconds?: number;
  /** Instead of steps: these periods, which may overlap, all between `from` and `to`; each cell says by `period` which one it is of. */
  readonly periods?: readonly Period[];
  /** Only what these keys did; absent: everything. */
  readonly keys?: readonly string[];
  /** Cells by dimensions kept, the ones with the most facts first. Default 10,000. */
  readonly limit?: number;
}

/** The metrics of one combination of dimension values in one step. A step without any fact has no cell. */
export interface MetricCell {
  readonly group: Readonly<Partial<Record<MetricDimension, string>>>;
  /** Beginning of the step; null without steps. */
  readonly at: number | null;
  /** Index of the period; null without periods. */
  readonly period: number | null;
  readonly values: ReadonlyMap<string, MetricValue>;
}

const COLUMNS: Readonly<Record<MetricDimension, string>> = {
  prompt: 'prompt',
  version: 'version',
  model: 'model',
  provider: 'provider',
  route: 'route',
  variant: 'variant',
  user: 'end_user',
  key: 'key',
  workload: 'workload',
};

const DIMENSION_COLUMNS = [...new Set(Object.values(COLUMNS))].join(', ');

const TABLES: Readonly<Record<MetricSource, string>> = {
  interactions: 'ledger.interactions',
  feedback: 'ledger.feedback',
  scores: 'ledger.scores',
  ratings: 'ledger.ratings',
  findings: 'ledger.findings',
  bias: `(SELECT interaction, at, ${DIMENSION_COLUMNS} FROM ledger.findings WHERE guardrail = 'bias' UNION ALL SELECT interaction, at, ${DIMENSION_COLUMNS} FROM ledger.feedback WHERE has(labels, 'bias'))`,
};

const LIMIT = 10_000;

/** The metrics named. Throws a RequestError for a name that is none. */
export function requireMetrics(names: readonly string[]): Metric[] {
  return names.map((name) => {
    const metric = findMetric(name);
    if (metric !== undefined) return metric;
    throw new RequestError({
      code: 'unknown_metric',
      message: `There is no metric "${name.slice(0, 60)}".`,
      param: 'metric',
    });
  });
}

interface Row {
  readonly [column: string]: SumValue;
}

/** Measures. One query for each source the metrics need, all under the same conditions. */
export async function measureMetrics(
  ledger: Pick<LedgerClient, 'query'>,
  request: MetricRequest,
): Promise<MetricCell[]> {
  const metrics = requireMetrics(request.metrics);
  const bySource = new Map<MetricSource, Map<string, string>>();
  for (const { source, sql } of metrics.flatMap(sumsOf)) {
    const names = bySource.get(source) ?? new Map<string, string>();
    if (!names.has(sql)) names.set(sql, `s${names.size}`);
    bySource.set(source, names);
  }
  const answers = await Promise.all(
    [...bySource].map(async ([source, names]) => {
      const { sql, params } = sourceQuery(source, names, request);
      return { source, names, rows: await ledger.query<Row>(sql, params) };
    }),
  );
  return cellsOf(metrics, request, answers);
}

function sourceQuery(
  source: MetricSource,
  names: ReadonlyMap<string, string>,
  request: MetricRequest,
): { sql: string; params: Record<string, LedgerParam> } {
  const by = request.by ?? [];
  const params: Record<string, LedgerParam> = {};
  const conditions = [periodCondition(request, params)];
  for (const [dimension, values] of Object.entries(request.where ?? {}) as [MetricDimension, string[]][]) {
    conditions.push(`${COLUMNS[dimension]} IN {where_${dimension}:Array(String)}`);
    params[`where_${dimension}`] = values;
  }
  if (request.keys !== undefined) {
    conditions.push('key IN {scope_keys:Array(String)}');
    params['scope_keys'] = request.keys;
  }
  const grouped = by.map((dimension, index) => `${COLUMNS[dimension]} AS g${index}`);
  if (request.stepMilliseconds !== undefined) {
    grouped.push('intDiv(toUnixTimestamp64Milli(at) - {from:Int64}, {step:Int64}) AS step');
    params['from'] = request.from;
    params['step'] = request.stepMilliseconds;
  }
  if (request.periods !== undefined) {
    // A row counts in each period it lies in.
    grouped.push(
      'arrayJoin(arrayFilter((i, f, t) -> toUnixTimestamp64Milli(at) >= f AND toUnixTimestamp64Milli(at) < t, {periods:Array(UInt32)}, {begins:Array(Int64)}, {ends:Array(Int64)})) AS step',
    );
    params['periods'] = request.periods.map((_, index) => index);
    params['begins'] = request.periods.map((period) => period.from);
    params['ends'] = request.periods.map((period) => period.to);
  }
  const sums = [...names].map(([sql, name]) => `${sql} AS ${name}`);
  const groups = grouped.map((text) => text.slice(text.lastIndexOf(' ') + 1));
  const clause = groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')}`;
  const limit = by.length === 0 ? '' : ` ORDER BY count() DESC LIMIT ${request.limit ?? LIMIT}`;
  return {
    sql: `SELECT ${[...grouped, ...sums].join(', ')} FROM ${TABLES[source]} WHERE ${conditions.join(' AND ')}${clause}${limit}`,
    params,
  };
}

/** Ranges of the sorting key, so that nothing outside of them is read. */
function periodCondition({ from, to, periods }: MetricRequest, params: Record<string, LedgerParam>): string {
  const ranges = merged(periods ?? [{ from, to }]).map((range, index) => {
    const [first, last] = [`from_${index}`, `to_${index}`];
    params[first] = range.from;
    params[last] = range.to;
    const instant = (name: string): string => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
    return `(at >= ${instant(first)} AND at < ${instant(last)})`;
  });
  return `(${ranges.join(' OR ')})`;
}

/** What the periods cover, without overlaps. */
function merged(periods: readonly Period[]): Period[] {
  const ranges: { from: number; to: number }[] = [];
  for (const { from, to } of [...periods].sort((one, other) => one.from - other.from)) {
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else ranges.push({ from, to });
  }
  return ranges;
}

interface Answer {
  readonly source: MetricSource;
  readonly names: ReadonlyMap<string, string>;
  readonly rows: readonly Row[];
}

function cellsOf(
  metrics: readonly Metric[],
  request: MetricRequest,
  answers: readonly Answer[],
): MetricCell[] {
  const by = request.by ?? [];
  const cells = new Map<string, { first: Row; rows: Map<MetricSource, Row> }>();
  for (const { source, rows } of answers) {
    for (const row of rows) {
      const id = JSON.stringify([...by.map((_, index) => row[`g${index}`]), row['step'] ?? null]);
      const cell = cells.get(id) ?? { first: row, rows: new Map<MetricSource, Row>() };
      cell.rows.set(source, row);
      cells.set(id, cell);
    }
  }
  const namesOf = new Map(answers.map(({ source, names }) => [source, names]));
  return [...cells.values()]
    .map(({ first, rows }): MetricCell => {
      const read = ({ source, sql }: Sum): SumValue => {
        const name = namesOf.get(source)?.get(sql);
        return name === undefined ? null : rows.get(source)?.[name];
      };
      return {
        group: Object.fromEntries(
          by.map((dimension, index) => [dimension, String(first[`g${index}`] ?? '')]),
        ),
        at: beginningOf(request, Number(first['step'] ?? 0)),
        period: request.periods === undefined ? null : Number(first['step']),
        values: new Map(metrics.map((metric) => [metric.name, metricValue(metric, read)])),
      };
    })
    .sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
}

function beginningOf({ from, stepMilliseconds }: MetricRequest, step: number): number | null {
  return stepMilliseconds === undefined ? null : from + step * stepMilliseconds;
}
