// The scorer `contains`: 1 when the reference (any of several) stands in the output, upper and lower case told apart.
import { references, singleOutput } from './scorer-input.ts';
import type { Scorer } from './scorer.ts';

export const containsScorer: Scorer = {
  name: 'contains',
  score(input) {
    const output = singleOutput(input).normalize();
    const found = references(input).some((reference) => output.includes(reference.normalize()));
    return {
      score: Number(found),
      reason: found ? 'contains the reference' : 'does not contain the reference',
    };
  },
};
