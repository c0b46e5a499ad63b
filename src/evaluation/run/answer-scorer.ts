// Scores one answer with every scorer of a suite. A failure (of the answer, or of a scorer) is told as such and never becomes a number.
import { messageOf } from '../../kernel/errors.ts';
import type { ScorerInput, ScorerResult } from '../../scoring/scorer.ts';
import type { ScorerUse, SuiteCase } from '../suite.ts';
import type { FinishedCall } from './gateway-call.ts';

/** What a scorer may look at beside the answer's text. */
export interface AnswerToScore {
  readonly case: SuiteCase;
  readonly input: ScorerInput;
  readonly call: FinishedCall;
  /** Names the answer, for scorers that keep what they paid for. */
  readonly key: string;
}

/** A scorer of a run: the registry's, a judge, or one of the answer's own measures. */
export interface RunScorer {
  readonly use: ScorerUse;
  score(answer: AnswerToScore): Promise<ScorerOutcome>;
  /** Pairwise scorers: the first answer against the second, 1 when the first is better. */
  compare?(first: AnswerToScore, second: AnswerToScore): Promise<ScorerOutcome>;
  close?(): Promise<void>;
}

export interface ScorerOutcome extends ScorerResult {
  /** What the scorer itself paid; decimal string of US$. */
  readonly cost_usd?: string;
  /** Interactions of a judge. */
  readonly interactions?: readonly string[];
}

export interface GivenScore {
  readonly scorer: string;
  /** 0..1; null: it could not say, and `reason` says why. */
  readonly score: number | null;
  readonly reason: string;
  readonly precision?: number;
  readonly recall?: number;
  readonly passed: boolean | null;
  readonly cost_usd?: string;
  readonly interactions?: readonly string[];
}

export function scorerInput(one: SuiteCase, output: string, contextVariable: string): ScorerInput {
  const context = one.context ?? one.variables[contextVariable];
  return {
    output,
    ...(one.reference === undefined ? {} : { reference: one.reference }),
    ...(context === undefined ? {} : { context }),
    ...(one.schema === undefined ? {} : { schema: one.schema }),
    ...(one.code_tests === undefined ? {} : { codeTests: one.code_tests }),
  };
}

/** All scores of an answer, in the suite's order. */
export async function scoreAnswer(
  answer: AnswerToScore,
  scorers: readonly RunScorer[],
): Promise<GivenScore[]> {
  return Promise.all(
    scorers.map(async (scorer) => {
      const { scorer: name, threshold } = scorer.use;
      try {
        const { score, ...told } = await scorer.score(answer);
        const passed = score === null || threshold === undefined ? null : score >= threshold;
        return { scorer: name, score, passed, ...told };
      } catch (error) {
        return { scorer: name, score: null, passed: null, reason: `failed: ${messageOf(error)}` };
      }
    }),
  );
}

/** Weighted mean of an answer's scores, 0..1; null as soon as one that counts is missing. */
export function qualityOf(scores: readonly GivenScore[], uses: readonly ScorerUse[]): number | null {
  let total = 0;
  let weights = 0;
  for (const [index, { weight }] of uses.entries()) {
    if (weight === 0) continue;
    const score = scores[index]?.score;
    if (score === null || score === undefined) return null;
    total += weight * score;
    weights += weight;
  }
  return weights === 0 ? null : total / weights;
}

/** Whether a safety scorer failed: under its threshold, or under 1 where it has none. */
export function isUnsafe(scores: readonly GivenScore[], uses: readonly ScorerUse[]): boolean {
  return uses.some(({ safety, threshold }, index) => {
    const score = scores[index]?.score;
    return safety && score !== null && score !== undefined && score < (threshold ?? 1);
  });
}
