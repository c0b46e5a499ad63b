// Quantiles and distribution functions, from jstat, with their types and their domains checked.
import { createRequire } from 'node:module';

interface Distributions {
  readonly jStat: {
    readonly studentt: {
      inv(probability: number, df: number): number;
      cdf(value: number, df: number): number;
    };
    readonly normal: {
      inv(probability: number, mean: number, deviation: number): number;
      cdf(value: number, mean: number, deviation: number): number;
    };
  };
}

const { jStat } = createRequire(import.meta.url)('jstat') as Distributions;
/** From here on Student's t and the normal distribution agree to four digits, and jstat's series slows down. */
const NORMAL_FROM = 2_000;

/** Quantile of the standard normal distribution. */
export function normalQuantile(probability: number): number {
  return jStat.normal.inv(probability, 0, 1);
}

export function normalCdf(value: number): number {
  return jStat.normal.cdf(value, 0, 1);
}

/** Quantile of Student's t. `df` must be positive. */
export function tQuantile(probability: number, df: number): number {
  return df >= NORMAL_FROM ? normalQuantile(probability) : jStat.studentt.inv(probability, df);
}

/** Two-sided p-value of a t statistic. */
export function tTwoSided(statistic: number, df: number): number {
  if (Number.isNaN(statistic)) return 1;
  if (!Number.isFinite(statistic)) return 0;
  const below =
    df >= NORMAL_FROM ? normalCdf(-Math.abs(statistic)) : jStat.studentt.cdf(-Math.abs(statistic), df);
  return Math.min(1, 2 * below);
}
