// The mean of a run's values with the interval that fits them: Wilson for yes and no, Student's for a mean, the wider of Student's and
// the bootstrap where values are few. Pure.
import { bootstrapInterval } from '../../statistics/bootstrap.ts';
import { mean, tInterval, wilsonInterval, type Interval } from '../../statistics/interval.ts';

export interface MeanEstimate {
  readonly mean: number;
  /** At 95 %, within what values can be. */
  readonly interval: readonly [number, number];
  readonly n: number;
  readonly method: 'wilson' | 't' | 't+bootstrap' | 'none';
}

export interface MeanOptions {
  /** What values can be; the interval stays within. */
  readonly bounds: readonly [number, number];
  /** One weight a value; default all equal. */
  readonly weights?: readonly number[];
}

/** Below this many values skew matters. */
const FEW = 30;

/**
 * Null without values. With unequal weights the values are first moved to where they stand in the weighted mean, m + wᵢ(xᵢ − m)/w̄ (the
 * linearised ratio estimator: Cochran, "Sampling Techniques", §6.3), and the interval is of their mean.
 */
export function estimateMean(values: readonly number[], options: MeanOptions): MeanEstimate | null {
  const n = values.length;
  if (n === 0) return null;
  const { weights } = options;
  const isEqual = weights === undefined || weights.every((weight) => weight === weights[0]);
  const isShare = isEqual && values.every((value) => value === 0 || value === 1);
  const standing = isEqual ? values : linearised(values, weights);
  const centre = mean(standing);
  if (isShare && options.bounds[0] === 0 && options.bounds[1] === 1) {
    return { mean: centre, interval: within(wilsonInterval(centre * n, n), options), n, method: 'wilson' };
  }
  if (n === 1) return { mean: centre, interval: options.bounds, n, method: 'none' };
  const student = tInterval(standing);
  if (n >= FEW) return { mean: centre, interval: within(student, options), n, method: 't' };
  const drawn = bootstrapInterval(standing, mean);
  const wider = { low: Math.min(student.low, drawn.low), high: Math.max(student.high, drawn.high) };
  return { mean: centre, interval: within(wider, options), n, method: 't+bootstrap' };
}

function linearised(values: readonly number[], weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const centre = values.reduce((sum, value, index) => sum + value * (weights[index] as number), 0) / total;
  const average = total / values.length;
  return values.map((value, index) => centre + ((weights[index] as number) * (value - centre)) / average);
}

function within({ low, high }: Interval, { bounds }: MeanOptions): readonly [number, number] {
  return [Math.max(bounds[0], low), Math.min(bounds[1], high)];
}
