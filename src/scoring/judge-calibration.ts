// How far a judge's numbers can be trusted, by the few items that people graded too: agreement, and the mean corrected by their labels.
import { cohensKappa } from '../statistics/agreement.ts';
import { correctedMean } from '../statistics/prediction-powered.ts';
import type { LabelledItem } from '../statistics/prediction-powered.ts';

export interface GradedItem {
  readonly judge: number;
  /** Absent: nobody graded it. */
  readonly human?: number;
}

export interface JudgeCalibration {
  /** Share of labelled items on which judge and human gave the same number; null without labels. */
  readonly agreement: number | null;
  /** Cohen's κ (agreement beyond chance) with quadratic weights over ordered grades; null where it is not defined. */
  readonly kappa: number | null;
  /** Mean human grade of the population, estimated from judge and labels (PPI++); null without labels. */
  readonly corrected_mean: number | null;
  /** At 95 %. */
  readonly interval: readonly [number, number] | null;
  /** Plain mean of the judge, for comparison. */
  readonly judge_mean: number | null;
  readonly items: number;
  readonly labelled: number;
  /** Share of labels the judge saves against labels alone for an interval of the same width; 0 where it adds nothing. */
  readonly labels_saved: number | null;
}

/** More distinct grades than this are a continuous score, for which κ says nothing. */
const MOST_GRADES = 20;

export function calibrateJudge(items: readonly GradedItem[]): JudgeCalibration {
  const labelled = items.filter((item): item is LabelledItem => item.human !== undefined);
  const unlabelled = items.filter((item) => item.human === undefined).map((item) => item.judge);
  const corrected = correctedMean(labelled, unlabelled);
  const judges = labelled.map((item) => item.judge);
  const humans = labelled.map((item) => item.human);
  const same = labelled.filter((item) => item.judge === item.human).length;
  const grades = new Set([...judges, ...humans]).size;
  const judgeTotal = items.reduce((total, item) => total + item.judge, 0);
  return {
    agreement: labelled.length === 0 ? null : same / labelled.length,
    kappa: grades > MOST_GRADES ? null : cohensKappa(judges, humans, grades > 2 ? 'quadratic' : 'none'),
    corrected_mean: corrected === null ? null : corrected.estimate,
    interval: corrected === null ? null : [corrected.interval.low, corrected.interval.high],
    judge_mean: items.length === 0 ? null : judgeTotal / items.length,
    items: items.length,
    labelled: labelled.length,
    labels_saved: corrected === null ? null : corrected.saved,
  };
}
