// Bootstrap intervals for any statistic of independent values, repeatable by seed.
import type { Interval } from './interval.ts';
import { normalCdf, normalQuantile } from './quantiles.ts';
import { seededUniform } from './seeded.ts';

export interface BootstrapOptions {
  readonly level?: number;
  readonly resamples?: number;
  readonly seed?: number;
}

/**
 * Bias-corrected and accelerated interval (BCa). Source: Efron, "Better bootstrap confidence intervals", 1987. Falls back to percentiles
 * where the acceleration is not defined (all values equal). O(n · (resamples + n)).
 */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (values: readonly number[]) => number,
  options: BootstrapOptions = {},
): Interval {
  const { level = 0.95, resamples = 2_000, seed = 1 } = options;
  if (values.length < 2) return { low: -Infinity, high: Infinity };
  const uniform = seededUniform(seed);
  const observed = statistic(values);
  const draws = Array.from({ length: resamples }, () =>
    statistic(values.map(() => values[Math.floor(uniform() * values.length)] as number)),
  ).sort((a, b) => a - b);
  const below = draws.filter((draw) => draw < observed).length;
  const ties = draws.filter((draw) => draw === observed).length;
  const share = Math.min(Math.max((below + ties / 2) / resamples, 1 / resamples), 1 - 1 / resamples);
  const bias = normalQuantile(share);
  const acceleration = accelerationOf(values, statistic);
  const at = (z: number): number => {
    const shifted = bias + (bias + z) / (1 - acceleration * (bias + z));
    const rank = Math.floor(normalCdf(shifted) * resamples);
    return draws[Math.min(Math.max(rank, 0), resamples - 1)] as number;
  };
  const z = normalQuantile(0.5 + level / 2);
  return { low: at(-z), high: at(z) };
}

function accelerationOf(values: readonly number[], statistic: (values: readonly number[]) => number): number {
  const left = values.map((_, index) => statistic(values.toSpliced(index, 1)));
  const centre = left.reduce((a, b) => a + b, 0) / left.length;
  let squares = 0;
  let cubes = 0;
  for (const value of left) {
    squares += (centre - value) ** 2;
    cubes += (centre - value) ** 3;
  }
  const scale = 6 * squares ** 1.5;
  return scale > 0 ? cubes / scale : 0;
}
