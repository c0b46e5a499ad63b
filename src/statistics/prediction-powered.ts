// A judge's mean corrected by few human labels: power-tuned prediction-powered inference.
import type { Estimate } from './interval.ts';
import { covariance, mean, scoreInterval, variance } from './interval.ts';
import { normalQuantile, tQuantile } from './quantiles.ts';

export interface LabelledItem {
  readonly judge: number;
  readonly human: number;
}

export interface CorrectedMean extends Estimate {
  /** Weight given to the judge: 0 uses the labels alone. */
  readonly lambda: number;
  /** Share of labels saved: 1 − (labels had / labels alone needed for the same variance). */
  readonly saved: number;
}

/** Below this many labels the judge's weight can't be told from noise: labels alone. */
const FEWEST_TO_TUNE = 10;
/** From here on the normal approximation of the source stands as it is; below, Student's quantile and a degree of freedom for λ. */
const NORMAL_FROM = 60;

/**
 * Mean human value of the population behind the items: θ = λ·mean(judge, unlabelled) + mean(human − λ·judge, labelled), with the λ that
 * minimises its variance, Cov / ((1 + n/N)·Var). Source: Angelopoulos, Duchi & Zrnic, "PPI++: efficient prediction-powered inference",
 * 2023 (arXiv:2311.01453), §6.
 *
 * Never worse than the labels alone: λ is shrunk by the part of the correlation that chance would give (positive part of 1 − (1 − r²) /
 * ((n − 2)·r²)), held between 0 and the ratio of the two scales, and 0 below 10 labels. Null without labels.
 *
 * The interval is Wilson's at the effective sample size, on the scale of the labels, with Student's quantile: close to the normal one
 * where that holds, and never empty where all labels are equal.
 */
export function correctedMean(
  labelled: readonly LabelledItem[],
  unlabelledJudge: readonly number[],
  level = 0.95,
): CorrectedMean | null {
  const n = labelled.length;
  if (n === 0) return null;
  const human = labelled.map((item) => item.human);
  const judge = labelled.map((item) => item.judge);
  const [low, high] = scaleOf(human, [...judge, ...unlabelledJudge]);
  const lambda = tunedWeight(human, judge, unlabelledJudge.length);
  const residuals = human.map((value, index) => value - lambda * (judge[index] as number));
  const estimate = Math.min(
    high,
    Math.max(low, mean(residuals) + (lambda === 0 ? 0 : lambda * mean(unlabelledJudge))),
  );
  const fitted = lambda === 0 ? 0 : 1;
  const labelVariance = Math.max(variance(human), lumpyFloor(human, high - low)) / n;
  const total =
    Math.max(variance(residuals, n < NORMAL_FROM ? fitted : 0), lumpyFloor(residuals, high - low)) / n +
    (lambda === 0
      ? 0
      : (lambda * lambda * variance([...judge, ...unlabelledJudge])) / unlabelledJudge.length);
  const quantile = quantileFor(n, 0.5 + level / 2);
  return {
    estimate,
    interval: scaledInterval(estimate, total, n, low, high, quantile),
    lambda,
    saved: lambda === 0 || !(labelVariance > 0) ? 0 : Math.max(0, 1 - total / labelVariance),
  };
}

function quantileFor(n: number, probability: number): number {
  if (n >= NORMAL_FROM) return normalQuantile(probability);
  return n < 3 ? normalQuantile(probability) * 2 : tQuantile(probability, n - 2);
}

function tunedWeight(human: readonly number[], judge: readonly number[], unlabelled: number): number {
  const n = human.length;
  const spread = variance(judge);
  const labels = variance(human);
  if (n < FEWEST_TO_TUNE || unlabelled === 0 || !(spread > 0) || !(labels > 0)) return 0;
  const together = covariance(human, judge);
  const squaredCorrelation = Math.min(1, (together * together) / (spread * labels));
  if (!(squaredCorrelation > 0)) return 0;
  const kept = Math.max(0, 1 - (1 - squaredCorrelation) / ((n - 2) * squaredCorrelation));
  const most = range(human) / range(judge);
  return Math.min(most, Math.max(0, (kept * together) / ((1 + n / unlabelled) * spread)));
}

/**
 * Ends of the scale: 0..1 or 1..5 where all values lie in it, else as far as labels (and a judge on a like scale) reach.
 */
function scaleOf(human: readonly number[], judge: readonly number[]): [number, number] {
  const least = minimum(human);
  const most = maximum(human);
  if (least >= 0 && most <= 1) return [0, 1];
  if (least >= 1 && most <= 5 && human.every(Number.isInteger)) return [1, 5];
  const judgeLeast = minimum(judge);
  const judgeMost = maximum(judge);
  const reach = Math.max(most - least, Math.abs(most), 1);
  const alike = judge.length > 0 && judgeLeast >= least - reach && judgeMost <= most + reach;
  const low = alike ? Math.min(least, judgeLeast) : least;
  const high = alike ? Math.max(most, judgeMost) : most;
  return high > low ? [low, high] : [low - 1, high + 1];
}

/**
 * Where most values are one and the same, the sample variance says nothing of the rare others: at least one value in n (two, where
 * four in five are the same) is taken to lie at the far end of the scale, as the rule of three does for a share.
 */
function lumpyFloor(values: readonly number[], scale: number): number {
  const counts = new Map<number, number>();
  let commonest = 0;
  for (const value of values) {
    const key = Math.round(value * 1e9) / 1e9;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    commonest = Math.max(commonest, count);
  }
  if (commonest * 2 < values.length) return 0;
  return ((commonest * 5 >= values.length * 4 ? 2 : 1) * scale * scale) / values.length;
}

/** Wilson's interval at the sample size that would give this variance to a share. */
function scaledInterval(
  estimate: number,
  total: number,
  n: number,
  low: number,
  high: number,
  quantile: number,
): { low: number; high: number } {
  const share = (estimate - low) / (high - low);
  const variance01 = total / (high - low) ** 2;
  const effective =
    share <= 0 || share >= 1 || !(variance01 > 0) ? n : Math.max((share * (1 - share)) / variance01, 1);
  const { low: from, high: to } = scoreInterval(share, effective, quantile);
  return { low: low + from * (high - low), high: low + to * (high - low) };
}

function minimum(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}

function maximum(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

function range(values: readonly number[]): number {
  return maximum(values) - minimum(values);
}
