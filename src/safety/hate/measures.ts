// What a text does, as numbers: who is spoken of, whether badly or well, whether that is denied, quoted or threatened. Works on a text
// with its disguises undone (digits for letters, letters spaced out, marks inside words).
import { LEXICON, PARTS, type Part } from './lexicon.ts';

interface PartMatcher {
  readonly words: ReadonlySet<string>;
  readonly beginnings: readonly string[];
  readonly phrases: readonly string[];
}

const MATCHERS: readonly PartMatcher[] = PARTS.map((part) => {
  const words = new Set<string>();
  const beginnings: string[] = [];
  const phrases: string[] = [];
  for (const entry of LEXICON[part]) {
    if (entry.includes(' ') || !/^\p{L}/u.test(entry)) phrases.push(entry);
    else if (entry.endsWith('$')) words.add(entry.slice(0, -1));
    else beginnings.push(entry);
  }
  return { words, beginnings, phrases };
});

const LEET: Readonly<Record<string, string>> = {
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '0': 'o',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const LONGEST = 4000;

/** Lower case, with `h4te` as hate, `h a t e` as hate, `im.mi.grants` as immigrants. */
export function undisguise(text: string): string {
  return text
    .slice(0, LONGEST)
    .toLowerCase()
    .replace(/’/g, "'")
    .replace(/\S{0,30}[a-z][13450@$!7][a-z]\S{0,30}|\b[13450@$7][a-z]{2,30}\S{0,30}/g, (word) =>
      word.replace(/[13450@$!7](?=\S{0,60}[a-z])/g, (mark) => LEET[mark] as string),
    )
    .replace(/(?<![\p{L}'])(?:\p{L}[ .*_-]){2,30}\p{L}(?!\p{L})/gu, (letters) =>
      letters.replace(/[ .*_-]/g, ''),
    )
    .replace(/(?<=\p{L})[.*_-](?=\p{L})/gu, '');
}

interface Occurrence {
  readonly part: number;
  readonly at: number;
  readonly negated: boolean;
}

const NEGATION = PARTS.indexOf('negation');
const NEGATION_REACH = 4;

function occurrences(text: string): { found: Occurrence[]; words: number } {
  const words = text.match(/[\p{L}']+/gu) ?? [];
  const found: { part: number; at: number }[] = [];
  words.forEach((word, at) => {
    MATCHERS.forEach((matcher, part) => {
      const isOne =
        matcher.words.has(word) || matcher.beginnings.some((beginning) => word.startsWith(beginning));
      if (isOne || (part === NEGATION && word.endsWith("n't"))) found.push({ part, at });
    });
  });
  MATCHERS.forEach((matcher, part) => {
    for (const phrase of matcher.phrases) {
      const index = text.indexOf(phrase);
      if (index >= 0) found.push({ part, at: (text.slice(0, index).match(/[\p{L}']+/gu) ?? []).length });
    }
  });
  const negations = found.filter((one) => one.part === NEGATION).map((one) => one.at);
  return {
    found: found.map((one) => ({
      ...one,
      negated: negations.some((at) => at < one.at && one.at - at <= NEGATION_REACH),
    })),
    words: words.length,
  };
}

const PAIRS: readonly [Part, Part][] = [
  ['group', 'bad'],
  ['group', 'hate'],
  ['group', 'threat'],
  ['group', 'exclude'],
  ['group', 'good'],
  ['group', 'counter'],
  ['group', 'profanity'],
  ['group', 'negation'],
  ['group', 'person'],
  ['group', 'should'],
  ['group', 'other'],
  ['slur', 'counter'],
  ['slur', 'person'],
  ['slur', 'good'],
  ['slur', 'bad'],
  ['slur', 'hate'],
  ['slur', 'threat'],
  ['threat', 'should'],
  ['threat', 'person'],
  ['bad', 'counter'],
  ['hate', 'counter'],
  ['threat', 'counter'],
  ['profanity', 'person'],
  ['other', 'hate'],
  ['other', 'threat'],
  ['good', 'negation'],
  ['bad', 'negation'],
  ['hate', 'negation'],
  ['exclude', 'counter'],
  ['profanity', 'other'],
];
const SENSES: readonly Part[] = ['bad', 'hate', 'threat', 'exclude', 'good'];

/** Number of measures. */
export const MEASURES = PARTS.length + SENSES.length * 3 + PAIRS.length + 4;

/** The measures of a text, each about 0..1. Linear in its length (at most 4,000 characters are looked at). */
export function measuresOf(text: string): Float32Array {
  const plain = undisguise(text);
  const { found, words } = occurrences(plain);
  const has = (part: Part): number => (found.some((one) => PARTS[one.part] === part) ? 1 : 0);
  const hasGroup = has('group') === 1 || has('slur') === 1 ? 1 : 0;
  const values: number[] = PARTS.map(has);
  for (const sense of SENSES) {
    const uses = found.filter((one) => PARTS[one.part] === sense);
    const negated = uses.some((one) => one.negated) ? 1 : 0;
    const affirmed = uses.some((one) => !one.negated) ? 1 : 0;
    values.push(negated * hasGroup, affirmed * hasGroup, affirmed * (1 - hasGroup));
  }
  for (const [one, other] of PAIRS) values.push(has(one) * has(other));
  values.push(
    hasGroup,
    Math.min(1, words / 30),
    /["“”]/.test(text) ? 1 : 0,
    plain === text.slice(0, LONGEST).toLowerCase() ? 0 : 1,
  );
  return Float32Array.from(values);
}
