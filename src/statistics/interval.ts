// Intervals of a mean and of a share from independent values, and the small sums they need.
import { normalQuantile, tQuantile } from './quantiles.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Estimate {
  readonly estimate: number;
  readonly interval: Interval;
}

export function mean(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total / values.length;
}

/** Variance with n − 1 − `lost` in the denominator (`lost`: parameters fitted beside the mean); NaN when that is not positive. */
export function variance(values: readonly number[], lost = 0): number {
  const df = values.length - 1 - lost;
  if (df <= 0) return Number.NaN;
  const centre = mean(values);
  let total = 0;
  for (const value of values) total += (value - centre) ** 2;
  return total / df;
}

/** Covariance with n − 1 in the denominator. */
export function covariance(a: readonly number[], b: readonly number[]): number {
  const centreA = mean(a);
  const centreB = mean(b);
  let total = 0;
  for (let index = 0; index < a.length; index += 1)
    total += ((a[index] as number) - centreA) * ((b[index] as number) - centreB);
  return total / (a.length - 1);
}

/**
 * Wilson's score interval of a share: `successes` of `n` (either may be fractional: an effective sample size). Source: Wilson, "Probable
 * inference, the law of succession, and statistical inference", 1927. Unlike p ± z·se it never collapses at 0 or 1.
 */
export function wilsonInterval(successes: number, n: number, level = 0.95): Interval {
  return n <= 0 ? { low: 0, high: 1 } : scoreInterval(successes / n, n, normalQuantile(0.5 + level / 2));
}

/** Wilson's interval around a share `p` at effective sample size `n` and quantile `z`. */
export function scoreInterval(p: number, n: number, z: number): Interval {
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Student's interval of a mean; infinite below two values. Source: Student, "The probable error of a mean", 1908. */
export function tInterval(values: readonly number[], level = 0.95): Interval {
  if (values.length < 2) return { low: -Infinity, high: Infinity };
  const half = tQuantile(0.5 + level / 2, values.length - 1) * Math.sqrt(variance(values) / values.length);
  const centre = mean(values);
  return { low: centre - half, high: centre + half };
}

/**
 * Difference of two independent shares, b − a, with Newcombe's hybrid score interval. Source: Newcombe, "Interval estimation for the
 * difference between independent proportions", 1998, method 10.
 */
export function shareDifference(
  a: { readonly successes: number; readonly n: number },
  b: { readonly successes: number; readonly n: number },
  level = 0.95,
): Estimate {
  const shareA = a.successes / a.n;
  const shareB = b.successes / b.n;
  const around = { a: wilsonInterval(a.successes, a.n, level), b: wilsonInterval(b.successes, b.n, level) };
  const estimate = shareB - shareA;
  return {
    estimate,
    interval: {
      low: estimate - Math.hypot(shareB - around.b.low, around.a.high - shareA),
      high: estimate + Math.hypot(around.b.high - shareB, shareA - around.a.low),
    },
  };
}
