// The scorer `length`: how near the output's length is to what is wanted. Within bounds in characters: 1; outside: the ratio to the bound
// missed. Without bounds: the ratio of the shorter to the longer of output and reference.
import { references, best, singleOutput } from './scorer-input.ts';
import type { Scorer, ScorerResult } from './scorer.ts';

export interface LengthBounds {
  readonly least?: number;
  readonly most?: number;
}

export function lengthScorer({ least, most }: LengthBounds = {}): Scorer {
  return {
    name: 'length',
    score(input) {
      const length = characters(singleOutput(input));
      if (least === undefined && most === undefined)
        return best(
          references(input).map((reference) => ratio(length, characters(reference), 'the reference')),
        );
      if (least !== undefined && length < least) return ratio(length, least, 'the least');
      if (most !== undefined && length > most) return ratio(length, most, 'the most');
      return { score: 1, reason: `${length} characters` };
    },
  };
}

function ratio(length: number, wanted: number, what: string): ScorerResult {
  const longer = Math.max(length, wanted);
  return {
    score: longer === 0 ? 1 : Math.min(length, wanted) / longer,
    reason: `${length} characters against ${what}: ${wanted}`,
  };
}

/** Code points: an emoji counts once. */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
