// The scorer `grounded`: how well the context supports the output, by whatever measure of groundedness is handed in (the same as the
// guardrail's, so that a suite and live traffic agree).
import { contextOf, singleOutput } from './scorer-input.ts';
import type { Scorer } from './scorer.ts';

/** 0..1, higher is better supported. */
export type GroundedMeasure = (answer: string, context: string) => number | Promise<number>;

export function groundedScorer(measure: GroundedMeasure): Scorer {
  return {
    name: 'grounded',
    async score(input) {
      const score = await measure(singleOutput(input), contextOf(input));
      return { score: Math.min(1, Math.max(0, score)), reason: `support ${score.toFixed(3)}` };
    },
  };
}
