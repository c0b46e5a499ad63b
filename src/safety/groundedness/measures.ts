// How much of an answer stands in its context, as numbers: words, pairs and runs of words, numbers and names that are covered, words
// of opinion and of the speaker's own life, negations that the context lacks.

import { hashText } from '../learning/hashing.ts';

const STOP = new Set(
  'a an the and or but if of to in on at by for with from as is are was were be been being am do does did have has had i you he she it we they me him her us them my your his its our their this that these those there here what which who whom how when where why not no so than too very can could will would shall should may might must just also about into over after before up down out off then only own same s t d ll m re ve n nt o well yes yeah oh hi hello like know think really actually sure guess'.split(
    ' ',
  ),
);
const OWN_LIFE = /\b(?:i|my|me|mine|i'm|i've|im)\b/gi;
const OPINION =
  /\b(?:love|loved|like|liked|favou?rite|think|guess|wow|cool|awesome|great|amazing|interesting|sorry|hope|wish|feel|enjoy|best|fun|nice|haha|lol|wonder|bet|agree|definitely|personally|sounds?)\b/gi;
const NEGATION = /\b(?:no|not|never|none|nobody|nothing|neither|nor|cannot|without|\w+n't|n't)\b/gi;
const HEDGE = /\b(?:don't know|not sure|maybe|perhaps|probably|i've heard|heard|believe)\b/gi;
const ADDRESSED = /\b(?:you|your|we|our|us)\b/gi;

interface Words {
  readonly all: readonly string[];
  readonly content: readonly string[];
}

/** A light stem: plural, past and -ing endings off; the first six letters decide. */
function stem(word: string): string {
  const base = word.replace(/(?:'s|s'|')$/, '');
  const cut = base.length > 4 ? base.replace(/(?:ies|ing|ed|es|s|ly)$/, '') : base;
  return cut.length >= 3 ? cut : base;
}

function wordsOf(text: string): Words {
  const all = (text.toLowerCase().match(/[\p{L}\p{N}]+(?:'[\p{L}]+)?/gu) ?? []).map((word) =>
    STOP.has(word) ? word : stem(word),
  );
  return { all, content: all.filter((word) => !STOP.has(word)) };
}

const share = <Item extends string | number>(
  items: readonly Item[],
  inside: ReadonlySet<Item>,
  empty: number,
): number => (items.length === 0 ? empty : items.filter((item) => inside.has(item)).length / items.length);

const BASE = 0x01000193;

/** Hashes of all runs of `size` words, in order (a rolling polynomial, so each costs the same however long). */
function runsOf(words: readonly string[], size: number): number[] {
  const runs: number[] = [];
  let power = 1;
  for (let index = 1; index < size; index += 1) power = Math.imul(power, BASE);
  const hashes = words.map((word) => hashText(word));
  let hash = 0;
  for (let index = 0; index < hashes.length; index += 1) {
    if (index >= size) hash = (hash - Math.imul(power, hashes[index - size] as number)) | 0;
    hash = (Math.imul(hash, BASE) + (hashes[index] as number)) | 0;
    if (index >= size - 1) runs.push(hash);
  }
  return runs;
}

const count = (text: string, expression: RegExp): number =>
  Math.min(1, (text.match(expression)?.length ?? 0) / 3);

/** Number of measures. */
export const MEASURES = 23;

/** Measures of an answer against its context. Linear in their lengths. */
export function measuresOf(answer: string, context: string): Float32Array {
  const said = wordsOf(answer);
  const known = wordsOf(context);
  const all = new Set(known.all);
  const content = new Set(known.content);
  const prefixes = new Set(known.content.map((word) => word.slice(0, 5)));
  const coverage = share(said.content, content, 0.5);
  const loose =
    said.content.length === 0
      ? 0.5
      : said.content.filter((word) => content.has(word) || prefixes.has(word.slice(0, 5))).length /
        said.content.length;
  const pairs = share(runsOf(said.all, 2), new Set(runsOf(known.all, 2)), coverage);
  const triples = share(runsOf(said.all, 3), new Set(runsOf(known.all, 3)), pairs);
  const numbers = answer.match(/\d+(?:[.,]\d+)*/g) ?? [];
  const names = (answer.match(/(?<=[^.?!]\s)\p{Lu}[\p{L}]+/gu) ?? []).map((name) => stem(name.toLowerCase()));
  const uncovered = said.content.filter(
    (word) => !content.has(word) && !prefixes.has(word.slice(0, 5)),
  ).length;
  const isQuestion = answer.includes('?') ? 1 : 0;
  const negations = count(answer, NEGATION);
  return Float32Array.from([
    coverage,
    loose,
    pairs,
    triples,
    share(said.all, all, 0.5),
    share(numbers, new Set(context.match(/\d+(?:[.,]\d+)*/g)), 1),
    numbers.length > 0 ? 1 : 0,
    share(names, all, 1),
    Math.min(1, uncovered / 8),
    uncovered === 0 ? 1 : 0,
    Math.log1p(said.content.length) / 4,
    said.content.length < 3 ? 1 : 0,
    count(answer, OWN_LIFE),
    count(answer, OPINION),
    Math.max(0, negations - count(context, NEGATION)),
    count(answer, HEDGE),
    count(answer, ADDRESSED),
    isQuestion,
    share(known.content, new Set(said.content), 0),
    longestRun(said.all, known.all) / Math.max(1, said.all.length),
    Math.min(1, longestRun(said.all, known.all) / 20),
    orderKept(said.content, known.content),
    uncovered / Math.max(1, said.content.length + 2),
  ]);
}

/** The longest run of the answer's words that stands in the context, in words; found by doubling, over hashed runs. */
function longestRun(said: readonly string[], known: readonly string[]): number {
  let low = 0;
  let high = Math.min(said.length, known.length, 64) + 1;
  while (high - low > 1) {
    const size = (low + high) >> 1;
    const runs = new Set(runsOf(known, size));
    if (runsOf(said, size).some((run) => runs.has(run))) low = size;
    else high = size;
  }
  return low;
}

/** Share of neighbouring covered words of the answer that come in the context's order. */
function orderKept(said: readonly string[], known: readonly string[]): number {
  const first = new Map<string, number>();
  known.forEach((word, index) => {
    if (!first.has(word)) first.set(word, index);
  });
  const places = said.map((word) => first.get(word)).filter((place) => place !== undefined);
  if (places.length < 2) return 0.5;
  return (
    places.slice(1).filter((place, index) => place >= (places[index] as number)).length / (places.length - 1)
  );
}
