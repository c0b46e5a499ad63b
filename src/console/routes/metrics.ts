// Metrics of a period, cut by dimensions and time. A prompt's key metrics lead.
import { z } from 'zod';
import { metricListSchema, metricSeriesSchema, type MetricSeries } from '../../contract/api-monitoring.ts';
import type { MetricDimension } from '../../contract/alert-rule.ts';
import { METRIC_DIMENSIONS, METRIC_NAMES } from '../../contract/metric-names.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { DAY_MS, type Clock } from '../../kernel/clock.ts';
import { parseDuration } from '../../kernel/duration.ts';
import { RequestError } from '../../kernel/errors.ts';
import { measureMetrics, requireMetrics } from '../../monitoring/metrics/measure-metrics.ts';
import { METRICS } from '../../monitoring/metrics/metric-table.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { readInstant, requireTimeZone } from '../instants.ts';
import { defineRoute, type Route } from '../route.ts';

export interface MetricServices {
  readonly ledger: LedgerClient;
  readonly clock: Clock;
  readonly served: () => Snapshot | null;
}

/** Steps in one answer. */
const MOST_STEPS = 2_000;
const name = z.string().max(256).optional();

const query = z.object({
  metric: z.string().max(2_000).optional().describe('names, separated by commas; default: all'),
  from: z.string().max(40).optional().describe('day, instant or "today"; default: a day ago'),
  to: z.string().max(40).optional().describe('exclusive; default: now'),
  time_zone: z.string().max(64).default('UTC'),
  step: z
    .string()
    .max(20)
    .optional()
    .describe('length of a step such as 1h; absent: one cell for the period'),
  by: z
    .string()
    .max(200)
    .default('')
    .describe(`of ${METRIC_DIMENSIONS.join(', ')}, separated by commas`),
  prompt: name,
  version: name,
  model: name,
  provider: name,
  route: name,
  variant: name,
  user: name,
  key: name,
  workload: name,
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
});

type Query = z.output<typeof query>;

function wrong(param: string, message: string): RequestError {
  return new RequestError({ code: 'bad_request', message: `${param}: ${message}`, param });
}

function readDimensions(text: string): MetricDimension[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const known = METRIC_DIMENSIONS.find((dimension) => dimension === part);
      if (known === undefined)
        throw wrong('by', `"${part.slice(0, 40)}" is none of ${METRIC_DIMENSIONS.join(', ')}`);
      return known;
    });
}

function readStep(text: string | undefined, length: number): number | undefined {
  if (text === undefined) return undefined;
  const step = parseDuration(text);
  if (step === undefined) throw wrong('step', 'write a length such as 1h or 15m');
  if (length / step > MOST_STEPS) throw wrong('step', `at most ${MOST_STEPS} steps fit into an answer`);
  return step;
}

/** Key metrics of the production version of the prompt asked about. */
function keyMetricsOf(served: Snapshot | null, prompt: string | undefined): readonly string[] {
  const found = prompt === undefined ? undefined : served?.prompts[prompt];
  const version = found?.labels['production'];
  return version === undefined ? [] : (found?.versions[version]?.keyMetrics ?? []);
}

async function series(
  services: MetricServices,
  input: Query,
  keys?: readonly string[],
): Promise<MetricSeries> {
  const zone = requireTimeZone(input.time_zone);
  const now = services.clock.now();
  const from = input.from === undefined ? now - DAY_MS : readInstant(input.from, 'from', zone, now);
  const to = input.to === undefined ? now + 1 : readInstant(input.to, 'to', zone, now);
  if (to <= from) throw wrong('to', 'must be later than from');
  const leading = keyMetricsOf(services.served(), input.prompt);
  const named =
    input.metric === undefined ? METRIC_NAMES : input.metric.split(',').filter((part) => part !== '');
  const metrics = requireMetrics([
    ...leading.filter((metric) => named.some((one) => one === metric)),
    ...named.filter((metric) => !leading.includes(metric)),
  ]);
  const step = readStep(input.step, to - from);
  const where = Object.fromEntries(
    METRIC_DIMENSIONS.flatMap((dimension) => {
      const value = input[dimension];
      return value === undefined ? [] : [[dimension, [value]]];
    }),
  );
  const cells = await measureMetrics(services.ledger, {
    metrics: metrics.map((metric) => metric.name),
    from,
    to,
    where,
    by: readDimensions(input.by),
    limit: input.limit,
    ...(step === undefined ? {} : { stepMilliseconds: step }),
    ...(keys === undefined ? {} : { keys }),
  });
  return {
    period: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    metrics: metrics.map((metric) => ({
      name: metric.name,
      unit: metric.unit,
      key: leading.includes(metric.name),
    })),
    cells: cells.map(({ group, at, values }) => ({
      group,
      at: at === null ? null : new Date(at).toISOString(),
      values: Object.fromEntries(
        [...values].map(([metric, { value, usd, sample, interval }]) => [
          metric,
          { value: usd ?? value, sample, interval },
        ]),
      ),
    })),
  };
}

export function metricRoutes(services: MetricServices): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/metrics',
      access: 'read',
      summary: 'Metrics of a period, by dimension and by time; the key metrics of a prompt lead',
      query,
      response: metricSeriesSchema,
      handle: async ({ query: input, scope }) =>
        series(services, input, scope.kind === 'all' ? undefined : scope.keys),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/metrics/names',
      access: 'open',
      summary: 'Every metric and its unit',
      response: metricListSchema,
      handle: async () => ({
        metrics: METRIC_NAMES.map((metric) => ({
          name: metric,
          unit: METRICS.find((one) => one.name === metric)?.unit ?? '',
        })),
      }),
    }),
  ];
}
