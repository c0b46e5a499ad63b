// Two treatments on the same cases: the mean difference with its interval and p-value, and McNemar's test for yes/no outcomes.
import { bootstrapInterval } from './bootstrap.ts';
import { mean, tInterval, variance } from './interval.ts';
import type { Estimate } from './interval.ts';
import { tTwoSided } from './quantiles.ts';

export interface PairedComparison extends Estimate {
  /** Two-sided, of no difference. */
  readonly pValue: number;
  readonly n: number;
  /** Standard deviation of the differences: what a sample size is planned with. */
  readonly deviation: number;
}

/**
 * Mean of b − a over pairs: Student's paired test; below 30 pairs, where skew matters, the interval is the wider of Student's and BCa's at
 * each end. Pairs with a value missing must be left out by the caller.
 */
export function comparePairs(
  a: readonly number[],
  b: readonly number[],
  level = 0.95,
  seed = 1,
): PairedComparison {
  if (a.length !== b.length) throw new RangeError('Pairs need as many values on one side as on the other.');
  const differences = a.map((value, index) => (b[index] as number) - value);
  const n = differences.length;
  const estimate = mean(differences);
  const deviation = Math.sqrt(variance(differences));
  const student = tInterval(differences, level);
  const pValue =
    n < 2
      ? 1
      : deviation === 0
        ? Number(estimate === 0)
        : tTwoSided((estimate / deviation) * Math.sqrt(n), n - 1);
  if (n >= 30 || n < 5) return { estimate, interval: student, pValue, n, deviation };
  const resampled = bootstrapInterval(differences, mean, { level, seed });
  return {
    estimate,
    interval: { low: Math.min(student.low, resampled.low), high: Math.max(student.high, resampled.high) },
    pValue,
    n,
    deviation,
  };
}

/**
 * McNemar's exact test of yes/no pairs: two-sided p-value from the discordant counts. Source: McNemar, "Note on the sampling error of the
 * difference between correlated proportions", 1947 (binomial form).
 */
export function mcnemar(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  if (n === 0) return 1;
  const fewer = Math.min(onlyA, onlyB);
  let log = -n * Math.LN2;
  let total = Math.exp(log);
  for (let k = 1; k <= fewer; k += 1) {
    log += Math.log((n - k + 1) / k);
    total += Math.exp(log);
  }
  return Math.min(1, 2 * total);
}

/**
 * Pairs needed for an interval of half-width `margin` at this deviation, by the normal approximation: n = (z·s / margin)².
 */
export function pairsNeeded(deviation: number, margin: number, z = 1.96): number {
  return margin <= 0 ? Infinity : Math.ceil(((z * deviation) / margin) ** 2);
}
