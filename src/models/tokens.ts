// Token counts by OpenAI's vocabularies, bounded in time. Byte-pair merging is quadratic in the length of an unbroken run (200,000 times
// "a" blocks a tokenizer for half a minute), so long runs are cut and the part of a text beyond a cap is extrapolated: never more than linear.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CL100K_TOKEN_SPLIT_REGEX, O200K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/encodingParams/constants';
import { BytePairs } from './byte-pairs.ts';
import { TokenCounter } from './token-counter.ts';

export type Vocabulary = 'cl100k_base' | 'o200k_base';

/** Of what the vocabularies take as one piece: letters with their marks, other signs, white space. Digits go by threes anyway. */
const LONG_RUN = /[\p{L}\p{M}]{2001}|[^\s\p{L}\p{N}]{2001}|\s{2001}/u;
const LONG_RUNS = /[\p{L}\p{M}]{2001,}|[^\s\p{L}\p{N}]{2001,}|\s{2001,}/gu;
const LONGEST_RUN = 2000;
/** Pieces a long run is cut into: the shorter, the less its quadratic part weighs. */
const PIECE = 128;
const EXACT_UNITS = 1_000_000;
const SPLIT: Readonly<Record<Vocabulary, RegExp>> = {
  cl100k_base: CL100K_TOKEN_SPLIT_REGEX,
  o200k_base: O200K_TOKEN_SPLIT_REGEX,
};

const require = createRequire(import.meta.url);
const counters = new Map<Vocabulary, TokenCounter>();

/** Vocabularies take a tenth of a second to load: on the first count that needs one. Marks such as `<|endoftext|>` in a text are text. */
function counterOf(vocabulary: Vocabulary): TokenCounter {
  let counter = counters.get(vocabulary);
  if (counter === undefined) {
    const file = readFileSync(require.resolve(`gpt-tokenizer/data/${vocabulary}.tiktoken`));
    counter = new TokenCounter(new BytePairs(file), SPLIT[vocabulary]);
    counters.set(vocabulary, counter);
  }
  return counter;
}

/**
 * Tokens of a text. Exact for texts of up to `exactUnits` UTF-16 units without unbroken runs over 2,000, near it for others. English takes
 * 20 ns a unit, the worst found (random letters of all scripts) 13 µs: a caller that must not stall lowers `exactUnits`.
 */
export function countTokens(text: string, vocabulary: Vocabulary, exactUnits = EXACT_UNITS): number {
  if (text.length > exactUnits) {
    const counted = countTokens(text.slice(0, exactUnits), vocabulary, exactUnits);
    return Math.ceil((counted * text.length) / exactUnits);
  }
  const counter = counterOf(vocabulary);
  if (text.length <= LONGEST_RUN || !LONG_RUN.test(text)) return counter.count(text);
  let total = 0;
  for (const piece of cutLongRuns(text)) total += counter.count(piece);
  return total;
}

/** Tokens of a text of any kind in time that is linear with a small factor: pieces over 128 units are cut, so that runs count a little high. */
export function countTokensQuickly(text: string, vocabulary: Vocabulary): number {
  return counterOf(vocabulary).count(text, PIECE);
}

/** The text in order: stretches without long runs as they are, long runs in pieces. Surrogate pairs stay whole. */
function* cutLongRuns(text: string): Generator<string> {
  let from = 0;
  for (const match of text.matchAll(LONG_RUNS)) {
    if (match.index > from) yield text.slice(from, match.index);
    from = match.index + match[0].length;
    for (let start = 0; start < match[0].length;) {
      let end = Math.min(start + PIECE, match[0].length);
      if (end < match[0].length && isHighSurrogate(match[0].charCodeAt(end - 1))) end -= 1;
      yield match[0].slice(start, end);
      start = end;
    }
  }
  if (from < text.length) yield text.slice(from);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Whether a model, by its name at the vendor, counts in one of the vocabularies here: OpenAI's do. */
export function hasOwnVocabulary(upstreamModel: string): boolean {
  return /^(openai\/|ft:)?(gpt-|chatgpt|o\d|text-embedding|davinci-002|babbage-002)/.test(upstreamModel);
}

/** The vocabulary a model counts in; for other vendors' models the newer one, as an approximation. */
export function vocabularyOf(upstreamModel: string): Vocabulary {
  return /^(openai\/|ft:)?(gpt-4(?!o|\.1|\.5)|gpt-3\.5|text-embedding|davinci-002|babbage-002)/.test(
    upstreamModel,
  )
    ? 'cl100k_base'
    : 'o200k_base';
}
