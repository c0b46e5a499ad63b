// What probes say about a change: the same questions before and after, asked of one model, so that a change of the answers is the model's
// and not the traffic's. Pure.
import { rankShiftPValue } from '../../statistics/rank-shift.ts';

/** One answer of a probe, by the metric that is looked at. */
export interface ProbeAnswer {
  /** What was asked, in which version of which prompt: answers to the same are compared. */
  readonly question: string;
  readonly value: number;
}

/** `unclear`: too few answers, or a difference that may be chance. */
export type ProbeVerdict = 'moved' | 'unchanged' | 'unclear';

export interface ProbeEvidence {
  readonly model: string;
  readonly verdict: ProbeVerdict;
  /** Means of the metric over the questions asked on both sides; null without any. */
  readonly before: number | null;
  readonly after: number | null;
  readonly answers: { readonly before: number; readonly after: number };
}

const MOVED = 0.001;
const CHANCE = 0.05;
/** On either side; fewer do not show that nothing changed. */
const LEAST_ANSWERS = 20;

/** Compares a model's answers within each question: what is left when the question's own level before is taken away. */
export function probeEvidence(
  model: string,
  before: readonly ProbeAnswer[],
  after: readonly ProbeAnswer[],
): ProbeEvidence {
  const levels = levelsOf(before);
  const comparable = (answers: readonly ProbeAnswer[]): ProbeAnswer[] =>
    answers.filter(({ question }) => (levels.get(question)?.count ?? 0) >= 2);
  const late = comparable(after);
  const asked = new Set(late.map(({ question }) => question));
  const early = comparable(before).filter(({ question }) => asked.has(question));
  // An answer is no part of the level it is held against: it would lie closer to it than one from after.
  const residual = ({ question, value }: ProbeAnswer, isItself: boolean): number => {
    const { sum, count } = levels.get(question) as Level;
    return value - (isItself ? (sum - value) / (count - 1) : sum / count);
  };
  const pValue = rankShiftPValue([
    { before: early.map((one) => residual(one, true)), after: late.map((one) => residual(one, false)) },
  ]);
  return {
    model,
    verdict: verdictOf(pValue, Math.min(early.length, late.length)),
    before: meanOf(early),
    after: meanOf(late),
    answers: { before: early.length, after: late.length },
  };
}

/** Of several models: one that moved is enough, and all must be unchanged. */
export function verdictOfAll(evidence: readonly ProbeEvidence[]): ProbeVerdict {
  if (evidence.some(({ verdict }) => verdict === 'moved')) return 'moved';
  const all = evidence.length > 0 && evidence.every(({ verdict }) => verdict === 'unchanged');
  return all ? 'unchanged' : 'unclear';
}

interface Level {
  readonly sum: number;
  readonly count: number;
}

function levelsOf(answers: readonly ProbeAnswer[]): Map<string, Level> {
  const levels = new Map<string, Level>();
  for (const { question, value } of answers) {
    const { sum, count } = levels.get(question) ?? { sum: 0, count: 0 };
    levels.set(question, { sum: sum + value, count: count + 1 });
  }
  return levels;
}

function verdictOf(pValue: number, answers: number): ProbeVerdict {
  if (pValue < MOVED) return 'moved';
  return answers >= LEAST_ANSWERS && pValue >= CHANCE ? 'unchanged' : 'unclear';
}

function meanOf(answers: readonly ProbeAnswer[]): number | null {
  if (answers.length === 0) return null;
  return answers.reduce((sum, { value }) => sum + value, 0) / answers.length;
}
