// Which of two answers is better: every juror sees them in both orders, a verdict counts where both orders agree, the jury decides by
// majority. Abstaining is no score.
import { juryVerdict, swapAndAbstain, unswap, type PairwiseOutcome, type Verdict } from '../pairwise.ts';
import { jurorsOf, type AskJuror, type Judge, type JudgedAnswer } from './judge.ts';
import { judgePrompt } from './judge-prompt.ts';
import { paidFor, type Grade } from './grade-pointwise.ts';
import { readPreference } from './read-preference.ts';

export interface PairGrade extends Grade {
  readonly outcome: PairwiseOutcome;
}

const SCORE: Readonly<Record<PairwiseOutcome, number | null>> = {
  first: 1,
  second: 0,
  tie: 0.5,
  abstain: null,
};

interface Shown {
  readonly verdict: Verdict;
  readonly told: string;
  readonly costUsd: string | null;
  readonly interaction: string | null;
}

async function show(
  judge: Judge,
  answer: JudgedAnswer,
  model: string,
  swapped: boolean,
  ask: AskJuror,
): Promise<Shown> {
  const answered = await ask({ model, text: judgePrompt(judge, answer, swapped) });
  if ('failed' in answered)
    return { verdict: null, told: answered.failed, costUsd: answered.costUsd, interaction: null };
  const given = readPreference(answered.text);
  const verdict = swapped ? unswap(given) : given;
  return {
    verdict,
    told: verdict ?? 'no verdict',
    costUsd: answered.costUsd,
    interaction: answered.interaction,
  };
}

/** `answer.response` against `answer.other`: 1 when the first is better, 0 when the second, 0.5 for a tie, null for abstaining. */
export async function gradePairwise(judge: Judge, answer: JudgedAnswer, ask: AskJuror): Promise<PairGrade> {
  const jurors = await Promise.all(
    jurorsOf(judge).map(async (model) => {
      const [straight, swapped] = await Promise.all([
        show(judge, answer, model, false, ask),
        show(judge, answer, model, true, ask),
      ]);
      return { model, straight, swapped, outcome: swapAndAbstain(straight.verdict, swapped.verdict) };
    }),
  );
  const outcome = juryVerdict(jurors.map((juror) => juror.outcome));
  return {
    outcome,
    score: SCORE[outcome],
    reason: jurors
      .map(
        ({ model, straight, swapped, outcome: own }) =>
          `${model}: ${own} (${straight.told}; swapped: ${swapped.told})`,
      )
      .join(' | '),
    ...paidFor(jurors.flatMap(({ straight, swapped }) => [straight, swapped])),
  };
}
