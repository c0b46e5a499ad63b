// A scorer of live traffic as a use of a suite: it only scores, nothing passes or fails by it.
import type { ScorerUse } from '../suite.ts';

export function qualityScorer(scorer: string): ScorerUse {
  return { scorer, weight: 1, safety: false, options: {} };
}
