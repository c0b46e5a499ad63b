// The scorers of a suite, made with what they need of the outer world.
import { measureScorer, isMeasureScorer } from '../evaluation/run/measure-scorer.ts';
import { registryScorer } from '../evaluation/run/registry-scorer.ts';
import { isUserScorer, userScorer } from '../evaluation/run/user-scorer.ts';
import type { RunScorer } from '../evaluation/run/answer-scorer.ts';
import type { ScorerUse } from '../evaluation/suite.ts';
import { UsageError } from '../kernel/errors.ts';
import { userScorerParts } from './user-scorer-parts.ts';
import { makeScorer } from '../scoring/registry.ts';
import { scorerDependencies } from './scorer-dependencies.ts';

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
