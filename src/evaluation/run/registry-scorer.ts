// A scorer of the registry as a run uses it. Option `invert` turns a score round, for scorers of what is not wanted (`refusal`).
import type { Scorer } from '../../scoring/scorer.ts';
import type { ScorerUse } from '../suite.ts';
import type { RunScorer } from './answer-scorer.ts';

export function registryScorer(use: ScorerUse, scorer: Scorer): RunScorer {
  const isInverted = use.options['invert'] === true;
  return {
    use,
    score: async ({ input }) => {
      const given = await scorer.score(input);
      return isInverted && given.score !== null ? { ...given, score: 1 - given.score } : given;
    },
    close: async () => scorer.close?.(),
  };
}
