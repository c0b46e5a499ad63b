// From the store's sums to a metric's value with its sample and its interval. Pure. No data is null, never zero.
import { formatUsd, parseUsd } from '../../kernel/money.ts';
import { wilsonInterval, type Interval } from '../../statistics/interval.ts';
import { tQuantile } from '../../statistics/quantiles.ts';
import type { Metric, Sum } from './metric-table.ts';

export interface MetricValue {
  /** Null: no data. */
  readonly value: number | null;
  /** The exact decimal of a metric in US$; null for any other, and without data. */
  readonly usd: string | null;
  /** Observations it rests on. */
  readonly sample: number;
  /** At 95 %, for shares and means; null for others and where the sample says too little. */
  readonly interval: Interval | null;
}

/** What the store answered for a sum: counts as numbers, decimals as exact strings, null for nothing. */
export type SumValue = number | string | null | undefined;

const NOTHING: MetricValue = { value: null, usd: null, sample: 0, interval: null };

const numberOf = (value: SumValue): number => (value == null ? 0 : Number(value));

/** Computes a metric from its sums. */
export function metricValue({ form }: Metric, read: (sum: Sum) => SumValue): MetricValue {
  switch (form.kind) {
    case 'count': {
      const sample = numberOf(read(form.sample));
      return sample === 0 ? NOTHING : { ...NOTHING, value: numberOf(read(form.total)), sample };
    }
    case 'share':
      return shareValue(numberOf(read(form.hits)), numberOf(read(form.of)), form.factor);
    case 'mean':
      return meanValue(
        numberOf(read(form.mean)),
        read(form.deviation),
        numberOf(read(form.sample)),
        form.factor,
      );
    case 'quantile': {
      const sample = numberOf(read(form.sample));
      return sample === 0 ? NOTHING : { ...NOTHING, value: numberOf(read(form.value)), sample };
    }
    case 'money':
      return moneyValue(
        read(form.total),
        numberOf(read(form.sample)),
        form.per === null ? null : numberOf(read(form.per)),
      );
  }
}

function shareValue(hits: number, of: number, factor: number): MetricValue {
  if (of === 0) return NOTHING;
  const value = (factor * hits) / of;
  const { low, high } = wilsonInterval(Math.min(hits, of), of);
  // Rounding must not put the value itself outside of its interval.
  const interval = { low: Math.min(value, low * factor), high: Math.max(value, high * factor) };
  return { value, usd: null, sample: of, interval };
}

/** Student's interval from moments (Student, 1908). */
function meanValue(mean: number, deviation: SumValue, sample: number, factor: number): MetricValue {
  if (sample === 0) return NOTHING;
  const half = sample < 2 ? null : (tQuantile(0.975, sample - 1) * numberOf(deviation)) / Math.sqrt(sample);
  return {
    value: mean * factor,
    usd: null,
    sample,
    interval: half === null ? null : { low: (mean - half) * factor, high: (mean + half) * factor },
  };
}

function moneyValue(total: SumValue, sample: number, per: number | null): MetricValue {
  if (sample === 0 || total == null || per === 0) return NOTHING;
  const amount = parseUsd(String(total));
  // Rounded to the nearest 10^-18 dollars where it divides.
  const divisor = BigInt(per ?? 1);
  const half = amount < 0n ? -divisor / 2n : divisor / 2n;
  const usd = formatUsd((amount + half) / divisor);
  return { ...NOTHING, value: Number(usd), usd, sample };
}
