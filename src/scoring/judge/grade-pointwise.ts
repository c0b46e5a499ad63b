// A grade for one answer: each juror asked once, the median of the jury's ratings as a score from 0 to 1, or null where most gave none.
import { formatUsd, parseUsd } from '../../kernel/money.ts';
import { ratingToScore, readJudgeAnswer } from '../judge-answer.ts';
import { juryRating } from '../pairwise.ts';
import { jurorsOf, type AskJuror, type Judge, type JudgedAnswer } from './judge.ts';
import { judgePrompt } from './judge-prompt.ts';

export interface Grade {
  /** 0..1; null: no rating could be had. */
  readonly score: number | null;
  readonly reason: string;
  /** Decimal string of US$ paid for it. */
  readonly cost_usd: string;
  readonly interactions: readonly string[];
}

interface Vote {
  readonly model: string;
  readonly rating: number | null;
  readonly told: string;
  readonly costUsd: string | null;
  readonly interaction: string | null;
}

export async function gradePointwise(judge: Judge, answer: JudgedAnswer, ask: AskJuror): Promise<Grade> {
  const scale = { least: judge.scale.minimum, most: judge.scale.maximum };
  const text = judgePrompt(judge, answer);
  const votes = await Promise.all(
    jurorsOf(judge).map(async (model): Promise<Vote> => {
      const answered = await ask({ model, text });
      if ('failed' in answered)
        return { model, rating: null, told: answered.failed, costUsd: answered.costUsd, interaction: null };
      const { rating, explanation } = readJudgeAnswer(answered.text, scale);
      const told = rating === null ? 'no rating could be read' : explanation;
      return { model, rating, told, costUsd: answered.costUsd, interaction: answered.interaction };
    }),
  );
  const rating = juryRating(votes.map((vote) => vote.rating));
  return {
    score: rating === null ? null : ratingToScore(rating, scale),
    reason: votes
      .map(({ model, rating: given, told }) => `${model}: ${given ?? 'none'}, ${told}`)
      .join(' | '),
    ...paidFor(votes),
  };
}

/** Sum of what calls cost and the interactions they made. */
export function paidFor(
  calls: readonly { readonly costUsd: string | null; readonly interaction: string | null }[],
): Pick<Grade, 'cost_usd' | 'interactions'> {
  const total = calls.reduce((sum, { costUsd }) => sum + (costUsd === null ? 0n : parseUsd(costUsd)), 0n);
  return {
    cost_usd: formatUsd(total),
    interactions: calls.flatMap(({ interaction }) => (interaction === null ? [] : [interaction])),
  };
}
