// The scorer `bleu`: sacreBLEU's score / 100 of one output or, for lists, of the corpus.
import { RequestError } from '../../kernel/errors.ts';
import type { Reference, Scorer, ScorerInput } from '../scorer.ts';
import { references } from '../scorer-input.ts';
import { corpusBleu } from './corpus-bleu.ts';
import { bleuTokens } from './tokenize.ts';
import type { BleuTokenizer } from './tokenize.ts';

export function bleuScorer(tokenizer: BleuTokenizer = '13a'): Scorer {
  return {
    name: 'bleu',
    score(input) {
      const segments = segmentsOf(input);
      const score = corpusBleu(
        segments.map(({ output, references }) => ({
          output: bleuTokens(output.trimEnd(), tokenizer),
          references: references.map((reference) => bleuTokens(reference.trimEnd(), tokenizer)),
        })),
      );
      const scope = typeof input.output === 'string' ? 'sentence' : `corpus of ${segments.length}`;
      return {
        score: Math.min(1, score),
        reason: `BLEU ${(score * 100).toFixed(2)} (${scope}, ${tokenizer})`,
      };
    },
  };
}

interface Segment {
  readonly output: string;
  readonly references: readonly string[];
}

function segmentsOf(input: ScorerInput): Segment[] {
  const { output, reference } = input;
  if (typeof output === 'string') return [{ output, references: references(input) }];
  const count = output.length;
  return output.map((text, index) => ({ output: text, references: referencesAt(reference, index, count) }));
}

/** A list of one text an output; of one list an output; or, as sacreBLEU takes it, of streams each as long as the outputs. */
function referencesAt(reference: Reference | undefined, index: number, count: number): readonly string[] {
  const listed = typeof reference === 'string' ? [reference] : (reference ?? []);
  const streams =
    listed.length > 0 && listed.every((each) => typeof each !== 'string' && each.length === count);
  if (streams) return listed.map((stream) => stream[index] as string);
  if (listed.length !== count)
    throw new RequestError({
      code: 'bad_scorer_input',
      message: `reference: ${count} outputs need ${count} references (or lists of references, or streams of ${count}), not ${listed.length}.`,
      param: 'reference',
    });
  const own = listed[index] as string | readonly string[];
  return typeof own === 'string' ? [own] : own;
}
