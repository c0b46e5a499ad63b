// Metrics of a window, cut by dimensions and by time: one query a source of facts, however many metrics are asked for.
import type { MetricDimension } from '../../contract/alert-rule.ts';
import { RequestError } from '../../kernel/errors.ts';
import type { LedgerClient, LedgerParam } from '../../storage/ledger/ledger.ts';
import { findMetric, sumsOf, type Metric, type MetricSource, type Sum } from './metric-table.ts';
import { metricValue, type MetricValue, type SumValue } from './metric-value.ts';

/** Times are UTC milliseconds. */
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
  /** Instead of steps: the window, and the same window so many times earlier, each `every` milliseconds before the one after it. */
  readonly earlier?: { readonly every: number; readonly times: number };
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
  const params: Record<string, LedgerParam> = { from: request.from, to: request.to };
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
    params['step'] = request.stepMilliseconds;
  }
  if (request.earlier !== undefined) {
    grouped.push('-intDiv({to:Int64} - 1 - toUnixTimestamp64Milli(at), {every:Int64}) AS step');
    params['every'] = request.earlier.every;
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
function periodCondition({ from, to, earlier }: MetricRequest, params: Record<string, LedgerParam>): string {
  const times = earlier === undefined ? 0 : earlier.times;
  const ranges = Array.from({ length: times + 1 }, (_, index) => {
    const back = index * (earlier?.every ?? 0);
    const names = index === 0 ? ['from', 'to'] : [`from_${index}`, `to_${index}`];
    params[names[0] as string] = from - back;
    params[names[1] as string] = to - back;
    const [first, last] = names.map((name) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`);
    return `(at >= ${first} AND at < ${last})`;
  });
  return `(${ranges.join(' OR ')})`;
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
        values: new Map(metrics.map((metric) => [metric.name, metricValue(metric, read)])),
      };
    })
    .sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
}

function beginningOf({ from, stepMilliseconds, earlier }: MetricRequest, step: number): number | null {
  const length = stepMilliseconds ?? earlier?.every;
  return length === undefined ? null : from + step * length;
}
