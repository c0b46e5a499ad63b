// The scorers `rouge-1`, `rouge-2`, `rouge-l`, `rouge-lsum`. With several references the one with the best F counts, as rouge_score does.
import { best, percent, references, singleOutput } from '../scorer-input.ts';
import type { Scorer } from '../scorer.ts';
import { rougeL, rougeLsum, rougeN } from './overlap.ts';
import type { Overlap } from './overlap.ts';
import { rougeTokens } from './tokenize.ts';

export type RougeKind = 'rouge-1' | 'rouge-2' | 'rouge-l' | 'rouge-lsum';

/** Longer texts are refused: the longest common subsequence takes time in the product of their lengths. */
const MOST_TOKENS = 20_000;

export function rougeScorer(kind: RougeKind, stem: boolean): Scorer {
  return {
    name: kind,
    score(input) {
      const output = singleOutput(input);
      const results = references(input).map((reference) => {
        const { precision, recall, f } = overlap(kind, output, reference, stem);
        const reason = `${kind.toUpperCase()} F ${f.toFixed(4)}: precision ${percent(precision)}, recall ${percent(recall)}`;
        return { score: f, reason, precision, recall };
      });
      return best(results);
    },
  };
}

function overlap(kind: RougeKind, output: string, reference: string, stem: boolean): Overlap {
  if (kind === 'rouge-lsum') return rougeLsum(sentences(output, stem), sentences(reference, stem));
  const prediction = rougeTokens(output, stem);
  const target = rougeTokens(reference, stem);
  if (kind === 'rouge-1') return rougeN(prediction, target, 1);
  if (kind === 'rouge-2') return rougeN(prediction, target, 2);
  return rougeL(bounded(prediction), bounded(target));
}

/** Sentences are lines. */
function sentences(text: string, stem: boolean): string[][] {
  const lines = text.split('\n').map((line) => rougeTokens(line, stem));
  bounded(lines.flat());
  return lines.filter((line) => line.length > 0);
}

function bounded(tokens: string[]): string[] {
  if (tokens.length > MOST_TOKENS)
    throw new RangeError(`ROUGE-L takes texts of up to ${MOST_TOKENS} words; this one has ${tokens.length}.`);
  return tokens;
}
