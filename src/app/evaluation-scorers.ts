// The scorers of a suite, made with what they need of the outer world.
import { measureScorer, isMeasureScorer } from '../evaluation/run/measure-scorer.ts';
import { registryScorer } from '../evaluation/run/registry-scorer.ts';
import { isUserScorer, userScorer } from '../evaluation/run/user-scorer.ts';
import type { RunScorer } from '../evaluation/run/answer-scorer.ts';
import type { ScorerUse } from '../evaluation/suite.ts';
import { sentenceEncoder } from '../embeddings/sentence-encoder.ts';
import { UsageError } from '../kernel/errors.ts';
import { groundedScore } from '../safety/groundedness/classify.ts';
import { loadGroundedModel } from '../safety/groundedness/load.ts';
import { userScorerParts } from './user-scorer-parts.ts';
import { makeScorer, type ScorerDependencies } from '../scoring/registry.ts';

/** Models of the scorers, each loaded with the first use. */
export function scorerDependencies(): ScorerDependencies {
  let model: ReturnType<typeof loadGroundedModel> | undefined;
  return {
    embedder: sentenceEncoder(),
    grounded: async (answer, context) => {
      model ??= loadGroundedModel();
      return groundedScore(answer, context, await model);
    },
  };
}

export type MakeJudgeScorer = (name: string, use: ScorerUse) => RunScorer;

/** One a use, in the suite's order. Throws a UsageError for a name nobody knows. */
export function makeRunScorers(
  uses: readonly ScorerUse[],
  judge: MakeJudgeScorer,
  workspaceFolder: string,
): RunScorer[] {
  const dependencies = scorerDependencies();
  return uses.map((use) => {
    if (use.scorer.startsWith('judge:')) return judge(use.scorer.slice('judge:'.length), use);
    if (isMeasureScorer(use.scorer)) return measureScorer(use);
    if (isUserScorer(use.scorer)) return userScorer(use, userScorerParts(workspaceFolder));
    try {
      return registryScorer(use, makeScorer(use.scorer, use.options, dependencies));
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`scorer "${use.scorer}": ${(error as Error).message}`, 'scorers');
    }
  });
}
