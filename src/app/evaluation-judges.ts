// The judges of a run: each asks through the run's gateway, is kept like any other call, and has a ceiling of its own.
import { EVALUATION_TAG } from '../contract/own-tags.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { contentKey } from '../evaluation/run/plan.ts';
import type { AnswerToScore, RunScorer, ScorerOutcome } from '../evaluation/run/answer-scorer.ts';
import { SpendCeiling } from '../evaluation/run/spend-ceiling.ts';
import type { KeptCalls } from '../evaluation/run/kept-calls.ts';
import type { ScorerUse } from '../evaluation/suite.ts';
import { UsageError } from '../kernel/errors.ts';
import { parseUsd } from '../kernel/money.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { gradePairwise } from '../scoring/judge/grade-pairwise.ts';
import { gradePointwise } from '../scoring/judge/grade-pointwise.ts';
import type { AskJuror, JudgedAnswer } from '../scoring/judge/judge.ts';
import { questionOf } from '../gateway/question.ts';
import type { JudgeFile } from '../workspace/schemas/judge.ts';
import { surroundingsOf } from './evaluation-targets.ts';

const KEY_PREFIX = 'judge:';
const TAG_PREFIX = 'judge:';

export interface JudgeDeskParts {
  readonly judges: ReadonlyMap<string, JudgeFile>;
  readonly snapshot: Snapshot;
  readonly signal: AbortSignal;
  /** Whether pairwise judges compare two targets instead of each answer with its reference. */
  readonly comparesTargets: boolean;
}

export class JudgeDesk {
  readonly #request: JudgeDeskParts;
  readonly #ceilings = new Map<string, SpendCeiling>();
  #calls: KeptCalls | null = null;
  #run = '';

  constructor(request: JudgeDeskParts) {
    this.#request = request;
  }

  /** Whether an earlier judgement may stand for a new one: not where a recording gives it. */
  mayKeep(key: string): boolean {
    return key.startsWith(KEY_PREFIX);
  }

  open(calls: KeptCalls, run: string): void {
    this.#calls = calls;
    this.#run = run;
  }

  /** The ceiling of the judge a call belongs to; undefined where it belongs to none with one. */
  ceilingOf(tags: readonly string[]): SpendCeiling | undefined {
    const tag = tags.find((one) => one.startsWith(TAG_PREFIX));
    return tag === undefined ? undefined : this.#ceilings.get(tag);
  }

  /** Throws a UsageError with the nearest name. */
  scorer(name: string, use: ScorerUse): RunScorer {
    const judge = this.#request.judges.get(name);
    if (judge === undefined)
      throw new UsageError(
        `There is no judge "${name}" in judges/.${didYouMean(name, this.#request.judges.keys())}`,
        'scorer',
      );
    const limit = judge.max_cost_usd;
    this.#ceilings.set(TAG_PREFIX + name, new SpendCeiling(limit === undefined ? null : parseUsd(limit)));
    const grades: RunScorer = { use, score: (answer) => this.#grade(name, judge, answer) };
    return judge.mode === 'pointwise' || !this.#request.comparesTargets
      ? grades
      : {
          use,
          score: () =>
            Promise.resolve({ score: null, reason: 'there was no answer to compare this one with' }),
          compare: (first, second) => this.#compare(name, judge, first, second),
        };
  }

  async #compare(
    name: string,
    judge: JudgeFile,
    first: AnswerToScore,
    second: AnswerToScore,
  ): Promise<ScorerOutcome> {
    const judged = { ...judgedAnswer(first), other: judgedAnswer(second).response };
    const { outcome: _, ...grade } = await gradePairwise(judge, judged, this.asker(name, judge, first.key));
    return grade;
  }

  async #grade(name: string, judge: JudgeFile, answer: AnswerToScore): Promise<ScorerOutcome> {
    const judged = judgedAnswer(answer);
    const ask = this.asker(name, judge, answer.key);
    if (judge.mode === 'pointwise') return gradePointwise(judge, judged, ask);
    if (judged.reference === undefined)
      return { score: null, reason: 'a pairwise judge needs a reference to compare the answer with' };
    return gradePairwise(judge, { ...judged, other: judged.reference }, ask);
  }

  /** Asks one juror; `answerKey` names what is judged, so that two answers that read alike are judged apart. */
  asker(name: string, judge: JudgeFile, answerKey: string): AskJuror {
    return async ({ model, text }) => {
      if (this.#calls === null) throw new Error('The judges were asked before the run began.');
      const surroundings = surroundingsOf(this.#request.snapshot, model);
      const settings = [judge.temperature, judge.max_tokens];
      const parts = ['judge', model, surroundings.digest, text, settings, answerKey];
      const key = (surroundings.isCacheable ? KEY_PREFIX : 'replayed-judge:') + contentKey(parts);
      const { outcome, wasKept } = await this.#calls.make(key, {
        question: {
          kind: 'messages',
          model,
          text,
          temperature: judge.temperature,
          maxTokens: judge.max_tokens,
        },
        tags: [EVALUATION_TAG, TAG_PREFIX + name, `run:${this.#run}`],
        signal: this.#request.signal,
      });
      const cost = outcome.status === 'over_ceiling' || wasKept ? null : outcome.cost_usd;
      if (outcome.status !== 'answered') return { failed: outcome.message, costUsd: cost };
      return { text: outcome.text, costUsd: cost, interaction: outcome.interaction };
    };
  }
}

export function judgedAnswer({ case: one, input, call }: AnswerToScore): JudgedAnswer {
  const reference = typeof one.reference === 'string' ? one.reference : one.reference?.[0];
  return {
    question: questionOf({ messages: [], prompt: { id: '', variables: one.variables } }),
    response: call.status === 'answered' ? call.text : '',
    context: input.context,
    reference,
  };
}
