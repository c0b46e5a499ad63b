// Whether an alert rule's condition holds for a measured value. Pure: the value, its baseline and its history come in.
import type { AlertCondition } from '../../contract/alert-rule.ts';

/** What was measured for a rule at one moment. */
export interface Measurement {
  /** The metric over the rule's window; null: no data, which is not zero. */
  readonly value: number | null;
  /** How many observations it rests on. */
  readonly sample: number;
  /** The metric over the baseline period; for the relative operators. */
  readonly baseline?: number | null;
  /** The metric in the same hour of the week in earlier weeks; for `anomalous`. */
  readonly history?: readonly number[];
}

/** `bad`: the condition holds; `well`: it is past the resolving threshold; `between`: neither (hysteresis); `no-data`. */
export type Reading = 'bad' | 'between' | 'well' | 'no-data';

const SHORTEST_WINDOW = 60_000;
const LONGEST_WINDOW = 3_600_000;
/** Fewer weeks than this say nothing about a season. */
const LEAST_HISTORY = 4;

/**
 * The window a value is measured over, milliseconds: the rule's own, else a fifth of the duration (one minute to one hour), so that a single
 * spike leaves the window long before the condition was held for the duration.
 */
export function windowOf(condition: AlertCondition): number {
  const fifth = Math.min(LONGEST_WINDOW, Math.max(SHORTEST_WINDOW, condition.duration / 5));
  return condition.window ?? Math.min(fifth, condition.duration);
}

/** How far the value stands on the bad side, in the threshold's unit: the number compared with `threshold`. Null: can't be said. */
export function comparedValue(
  condition: AlertCondition,
  { value, baseline, history }: Measurement,
): number | null {
  if (value === null) return null;
  switch (condition.operator) {
    case 'increased_by_percentage':
    case 'decreased_by_percentage': {
      if (baseline == null || baseline === 0) return null;
      const change = (100 * (value - baseline)) / Math.abs(baseline);
      return condition.operator === 'increased_by_percentage' ? change : -change;
    }
    case 'anomalous':
      return deviations(value, history ?? []);
    default:
      return value;
  }
}

/** |value − median| in robust standard deviations (1.4826 × MAD: Rousseeuw & Croux, 1993); null with too little history. */
function deviations(value: number, history: readonly number[]): number | null {
  if (history.length < LEAST_HISTORY) return null;
  const middle = medianOf(history);
  const spread = 1.4826 * medianOf(history.map((past) => Math.abs(past - middle)));
  const floor = Math.abs(middle) * 0.01;
  const unit = Math.max(spread, floor);
  return unit === 0 ? (value === middle ? 0 : Number.POSITIVE_INFINITY) : Math.abs(value - middle) / unit;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/** Reads a measurement against the condition. */
export function readCondition(condition: AlertCondition, measurement: Measurement): Reading {
  const value = comparedValue(condition, measurement);
  if (value === null || measurement.sample < (condition.minimum_sample ?? 1)) return 'no-data';
  if (holds(condition, value, condition.threshold)) return 'bad';
  return holds(condition, value, condition.resolve_threshold ?? condition.threshold) ? 'between' : 'well';
}

function holds({ operator }: AlertCondition, value: number, threshold: number): boolean {
  switch (operator) {
    case 'less_than':
      return value < threshold;
    case 'less_or_equal':
      return value <= threshold;
    case 'greater_or_equal':
      return value >= threshold;
    case 'greater_than':
    case 'increased_by_percentage':
    case 'decreased_by_percentage':
    case 'anomalous':
      return value > threshold;
  }
}
