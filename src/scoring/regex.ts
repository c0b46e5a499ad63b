// The scorer `regex`: 1 when the pattern is found in the output. The pattern is the option's or, without it, the line's reference.
import { linearPattern } from '../text/linear-pattern.ts';
import { references, singleOutput } from './scorer-input.ts';
import type { Scorer } from './scorer.ts';

export function regexScorer(pattern?: string): Scorer {
  return {
    name: 'regex',
    score(input) {
      const output = singleOutput(input);
      const sources = pattern === undefined ? references(input) : [pattern];
      const matched = sources.some((source) => linearPattern(source).test(output));
      return {
        score: Number(matched),
        reason: matched ? 'the pattern matches' : 'the pattern does not match',
      };
    },
  };
}
