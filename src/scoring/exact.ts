// The scorer `exact`: 1 when the output is the reference (any of several), white space around both apart.
import { references, singleOutput } from './scorer-input.ts';
import type { Scorer } from './scorer.ts';

export const exactScorer: Scorer = {
  name: 'exact',
  score(input) {
    const output = singleOutput(input).normalize().trim();
    const same = references(input).some((reference) => reference.normalize().trim() === output);
    return { score: Number(same), reason: same ? 'equal to the reference' : 'differs from the reference' };
  },
};
