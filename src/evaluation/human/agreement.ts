// How far raters agree with each other, dimension by dimension, and how far each judge agrees with them. Pure; computed anew whenever it
// is asked for, so that every rating counts at once.
import { calibrateJudge, type JudgeCalibration } from '../../scoring/judge-calibration.ts';
import { cohensKappa, krippendorffAlpha } from '../../statistics/agreement.ts';
import type { RatingDimension } from './dimensions.ts';
import { ratingShare } from './dimensions.ts';

export interface GivenRating {
  readonly interaction: string;
  readonly rater: string;
  readonly dimension: string;
  readonly value: number;
}

export interface GivenJudgement {
  readonly interaction: string;
  readonly judge: string;
  /** 0..1. */
  readonly score: number;
}

export interface DimensionAgreement {
  readonly dimension: string;
  readonly ratings: number;
  readonly raters: number;
  /** Interactions that two raters or more graded. */
  readonly shared: number;
  readonly mean: number | null;
  /** Krippendorff's α, ordinal for 1 to 5; null where it is not defined. */
  readonly alpha: number | null;
  /** Cohen's κ, quadratic weights for 1 to 5; only between exactly two raters. */
  readonly kappa: number | null;
}

export function agreementOf(
  ratings: readonly GivenRating[],
  dimensions: readonly RatingDimension[],
): DimensionAgreement[] {
  return dimensions.map(({ name, yes_no }) => {
    const own = ratings.filter(({ dimension }) => dimension === name);
    const units = new Map<string, Map<string, number>>();
    for (const { interaction, rater, value } of own)
      units.set(interaction, (units.get(interaction) ?? new Map<string, number>()).set(rater, value));
    const raters = [...new Set(own.map(({ rater }) => rater))].sort();
    const total = own.reduce((sum, { value }) => sum + value, 0);
    return {
      dimension: name,
      ratings: own.length,
      raters: raters.length,
      shared: [...units.values()].filter((unit) => unit.size >= 2).length,
      mean: own.length === 0 ? null : total / own.length,
      alpha: krippendorffAlpha(
        [...units.values()].map((unit) => [...unit.values()]),
        yes_no ? 'nominal' : 'ordinal',
      ),
      kappa: raters.length === 2 ? kappaOf([...units.values()], raters, yes_no) : null,
    };
  });
}

function kappaOf(
  units: readonly ReadonlyMap<string, number>[],
  [first = '', second = '']: readonly string[],
  yesNo: boolean,
): number | null {
  const both = units.flatMap((unit) => {
    const [a, b] = [unit.get(first), unit.get(second)];
    return a === undefined || b === undefined ? [] : [[a, b] as const];
  });
  return cohensKappa(
    both.map(([a]) => a),
    both.map(([, b]) => b),
    yesNo ? 'none' : 'quadratic',
  );
}

/** Each judge against the mean of people's grades (0..1) of the same interaction. */
export function judgesAgainstPeople(
  judgements: readonly GivenJudgement[],
  ratings: readonly GivenRating[],
  dimensions: readonly RatingDimension[],
): Record<string, JudgeCalibration> {
  const sums = new Map<string, { total: number; count: number }>();
  for (const { interaction, dimension, value } of ratings) {
    const known = dimensions.find(({ name }) => name === dimension);
    if (known === undefined || known.yes_no) continue;
    const sum = sums.get(interaction) ?? { total: 0, count: 0 };
    sums.set(interaction, { total: sum.total + ratingShare(known, value), count: sum.count + 1 });
  }
  const judges = [...new Set(judgements.map(({ judge }) => judge))].sort();
  return Object.fromEntries(
    judges.map((judge) => {
      const items = judgements
        .filter((one) => one.judge === judge)
        .map(({ interaction, score }) => {
          const sum = sums.get(interaction);
          return sum === undefined ? { judge: score } : { judge: score, human: sum.total / sum.count };
        });
      return [judge, calibrateJudge(items)] as const;
    }),
  );
}
