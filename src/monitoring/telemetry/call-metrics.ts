// Upstream calls as the two histograms of the GenAI conventions, counted over the rows of one export (delta). Pure.
import { ValueType, type Attributes } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type HistogramMetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { callAttributes, hrTime, SCOPE, tokensOf } from './gen-ai.ts';
import type { CallRow, ProviderKind } from './telemetry-rows.ts';

/** Bucket bounds as the conventions advise. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

interface Sample {
  readonly attributes: Attributes;
  readonly value: number;
}

function histogram(
  name: string,
  unit: string,
  description: string,
  bounds: readonly number[],
  samples: readonly Sample[],
  period: { readonly from: number; readonly to: number },
): HistogramMetricData {
  const groups = new Map<string, { attributes: Attributes; values: number[] }>();
  for (const { attributes, value } of samples) {
    const key = JSON.stringify(attributes);
    const group = groups.get(key) ?? { attributes, values: [] };
    group.values.push(value);
    groups.set(key, group);
  }
  return {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.DELTA,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: [...groups.values()].map(({ attributes, values }) => ({
      attributes,
      startTime: hrTime(period.from),
      endTime: hrTime(period.to),
      value: {
        count: values.length,
        sum: values.reduce((sum, value) => sum + value, 0),
        min: Math.min(...values),
        max: Math.max(...values),
        buckets: { boundaries: [...bounds], counts: bucketCounts(values, bounds) },
      },
    })),
  };
}

/** A value on a bound belongs below it. */
function bucketCounts(values: readonly number[], bounds: readonly number[]): number[] {
  const counts = Array.from<number>({ length: bounds.length + 1 }).fill(0);
  for (const value of values) {
    const found = bounds.findIndex((bound) => value <= bound);
    const index = found < 0 ? bounds.length : found;
    counts[index] = (counts[index] as number) + 1;
  }
  return counts;
}

/** Duration and token usage of the calls. */
export function callMetrics(
  rows: readonly CallRow[],
  kindOf: ProviderKind,
  resource: Resource,
  period: { readonly from: number; readonly to: number },
): ResourceMetrics {
  const calls = rows.filter((row) => row.attempt !== '');
  const durations = calls.map((row) => ({
    attributes: callAttributes(row, kindOf),
    value: row.latency_ms / 1000,
  }));
  const tokens = calls.flatMap((row): Sample[] => {
    const used = tokensOf(row);
    if (used === null) return [];
    const { 'error.type': _error, ...shared } = callAttributes(row, kindOf);
    return (['input', 'output'] as const).map((type) => ({
      attributes: { ...shared, 'gen_ai.token.type': type },
      value: used[type],
    }));
  });
  const metrics = [
    histogram(
      'gen_ai.client.operation.duration',
      's',
      'GenAI operation duration.',
      SECONDS,
      durations,
      period,
    ),
    histogram(
      'gen_ai.client.token.usage',
      '{token}',
      'Number of input and output tokens used.',
      TOKENS,
      tokens,
      period,
    ),
  ];
  return {
    resource,
    scopeMetrics: [{ scope: SCOPE, metrics: metrics.filter(({ dataPoints }) => dataPoints.length > 0) }],
  };
}
