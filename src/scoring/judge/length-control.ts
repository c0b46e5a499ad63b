// How much of a judge's preference is length alone: judges favour longer answers, so a difference in score is told at equal length too.
import { tQuantile } from '../../statistics/quantiles.ts';

export interface LengthControlled {
  /** Difference in score where both answers are equally long. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** Score gained by an answer twice as long. */
  readonly per_doubling: number;
  readonly n: number;
}

export interface LengthPair {
  /** New minus base. */
  readonly difference: number;
  readonly baseCharacters: number;
  readonly newCharacters: number;
}

const FEWEST = 10;

/**
 * Least squares of the difference in score on log₂ of the ratio of lengths; the intercept is the difference at equal length, after the
 * length-controlled win rate of Dubois et al., "Length-controlled AlpacaEval", 2024. Null below ten pairs or where lengths never differ.
 */
export function controlLength(pairs: readonly LengthPair[], level = 0.95): LengthControlled | null {
  const usable = pairs.filter(({ baseCharacters, newCharacters }) => baseCharacters > 0 && newCharacters > 0);
  const n = usable.length;
  if (n < FEWEST) return null;
  const x = usable.map(({ baseCharacters, newCharacters }) => Math.log2(newCharacters / baseCharacters));
  const y = usable.map(({ difference }) => difference);
  const centreX = x.reduce((a, b) => a + b, 0) / n;
  const centreY = y.reduce((a, b) => a + b, 0) / n;
  const squares = x.reduce((sum, value) => sum + (value - centreX) ** 2, 0);
  if (squares === 0) return null;
  const products = x.reduce(
    (sum, value, index) => sum + (value - centreX) * ((y[index] as number) - centreY),
    0,
  );
  const slope = products / squares;
  const intercept = centreY - slope * centreX;
  const residuals = x.reduce(
    (sum, value, index) => sum + ((y[index] as number) - intercept - slope * value) ** 2,
    0,
  );
  const error = Math.sqrt((residuals / (n - 2)) * (1 / n + centreX ** 2 / squares));
  const half = tQuantile(0.5 + level / 2, n - 2) * error;
  return { difference: intercept, interval: [intercept - half, intercept + half], per_doubling: slope, n };
}
