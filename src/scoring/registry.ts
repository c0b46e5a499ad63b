// The table of scorers by the name suites and the command line use. What a scorer needs of the outer world is handed in.
import type { TextEmbedder } from '../embeddings/text-embedder.ts';
import { UsageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { bleuScorer } from './bleu/bleu-scorer.ts';
import type { BleuTokenizer } from './bleu/tokenize.ts';
import { citationsScorer } from './citations.ts';
import { containsScorer } from './contains.ts';
import { exactScorer } from './exact.ts';
import type { GroundedMeasure } from './grounded.ts';
import { groundedScorer } from './grounded.ts';
import { javascriptScorer } from './javascript/javascript-scorer.ts';
import { jsonSchemaScorer } from './json-schema.ts';
import { lengthScorer } from './length.ts';
import { pythonScorer } from './python/python-scorer.ts';
import { requiredFieldsScorer } from './required-fields.ts';
import { refusalScorer } from './refusal.ts';
import { regexScorer } from './regex.ts';
import { rougeScorer } from './rouge/rouge-scorer.ts';
import type { Scorer } from './scorer.ts';
import { similarityScorer } from './similarity.ts';

/** What scorers take from outside. */
export interface ScorerDependencies {
  readonly embedder: TextEmbedder;
  readonly grounded: GroundedMeasure;
}

/** Options of single scorers, as a suite or the command line gives them. */
export interface ScorerOptions {
  /** ROUGE: words are stemmed (Porter). */
  readonly stemmer?: boolean;
  /** `regex`: the pattern, instead of the line's reference. */
  readonly pattern?: string;
  /** `length`: bounds in characters. */
  readonly least?: number;
  readonly most?: number;
  /** `required-fields`: names that a JSON answer must have. */
  readonly fields?: readonly string[];
  /** `bleu`. */
  readonly tokenize?: BleuTokenizer;
}

type MakeScorer = (options: ScorerOptions, dependencies: ScorerDependencies) => Scorer;

const SCORERS: ReadonlyMap<string, MakeScorer> = new Map<string, MakeScorer>([
  ['exact', () => exactScorer],
  ['contains', () => containsScorer],
  ['regex', ({ pattern }) => regexScorer(pattern)],
  ['json-schema', () => jsonSchemaScorer()],
  ['required-fields', ({ fields }) => requiredFieldsScorer(fields)],
  ['rouge-1', ({ stemmer }) => rougeScorer('rouge-1', stemmer === true)],
  ['rouge-2', ({ stemmer }) => rougeScorer('rouge-2', stemmer === true)],
  ['rouge-l', ({ stemmer }) => rougeScorer('rouge-l', stemmer === true)],
  ['rouge-lsum', ({ stemmer }) => rougeScorer('rouge-lsum', stemmer === true)],
  ['bleu', ({ tokenize }) => bleuScorer(tokenize)],
  [
    'length',
    ({ least, most }) =>
      lengthScorer({ ...(least === undefined ? {} : { least }), ...(most === undefined ? {} : { most }) }),
  ],
  ['grounded', (_, { grounded }) => groundedScorer(grounded)],
  ['citations', () => citationsScorer],
  ['python', () => pythonScorer()],
  ['javascript', () => javascriptScorer()],
  ['similarity', (_, { embedder }) => similarityScorer(embedder)],
  ['refusal', () => refusalScorer],
]);

export function scorerNames(): readonly string[] {
  return [...SCORERS.keys()];
}

/** Makes a scorer. Throws a UsageError for a name that is not in the table. */
export function makeScorer(name: string, options: ScorerOptions, dependencies: ScorerDependencies): Scorer {
  const make = SCORERS.get(name);
  if (make === undefined)
    throw new UsageError(
      `There is no scorer "${name}".${didYouMean(name, SCORERS.keys())} Known: ${scorerNames().join(', ')}.`,
      'scorer',
    );
  return make(options, dependencies);
}
