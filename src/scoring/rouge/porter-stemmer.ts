// Porter's stemmer with the departures NLTK calls NLTK_EXTENSIONS, which rouge_score uses. Source: Porter, "An algorithm for suffix
// stripping", 1980; departures as documented in nltk/stem/porter.py (Apache-2.0). Input: one lower-case word of letters and digits.

const IRREGULAR = new Map(
  Object.entries({
    skies: 'sky',
    sky: 'sky',
    dying: 'die',
    lying: 'lie',
    tying: 'tie',
    news: 'news',
    innings: 'inning',
    inning: 'inning',
    outings: 'outing',
    outing: 'outing',
    cannings: 'canning',
    canning: 'canning',
    howe: 'howe',
    proceed: 'proceed',
    exceed: 'exceed',
    succeed: 'succeed',
  }),
);

export function porterStem(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length <= 2) return word;
  return [step1a, step1b, step1c, step2, step3, step4, step5a, step5b].reduce(
    (stem, step) => step(stem),
    word,
  );
}

function isConsonant(word: string, index: number): boolean {
  const letter = word[index] as string;
  if ('aeiou'.includes(letter)) return false;
  if (letter === 'y') return index === 0 || !isConsonant(word, index - 1);
  return true;
}

/** m: how many vowel-consonant sequences the stem holds. */
function measure(stem: string): number {
  let count = 0;
  let vowelBefore = false;
  for (let index = 0; index < stem.length; index += 1) {
    const consonant = isConsonant(stem, index);
    if (consonant && vowelBefore) count += 1;
    vowelBefore = !consonant;
  }
  return count;
}

function hasVowel(stem: string): boolean {
  for (let index = 0; index < stem.length; index += 1) if (!isConsonant(stem, index)) return true;
  return false;
}

function endsDouble(word: string): boolean {
  return word.length >= 2 && word.at(-1) === word.at(-2) && isConsonant(word, word.length - 1);
}

/** Ends consonant-vowel-consonant, the last not w, x, y; also a word of vowel and consonant (NLTK's departure). */
function endsShort(word: string): boolean {
  const last = word.length - 1;
  if (word.length >= 3)
    return (
      isConsonant(word, last - 2) &&
      !isConsonant(word, last - 1) &&
      isConsonant(word, last) &&
      !'wxy'.includes(word[last] as string)
    );
  return word.length === 2 && !isConsonant(word, 0) && isConsonant(word, 1);
}

type Rule = readonly [suffix: string, replacement: string, condition: (stem: string) => boolean];

/** The first rule whose suffix the word has decides, whether or not its condition holds. */
function apply(word: string, rules: readonly Rule[]): string {
  for (const [suffix, replacement, condition] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    return condition(stem) ? stem + replacement : word;
  }
  return word;
}

const always = (): boolean => true;
const measured = (stem: string): boolean => measure(stem) > 0;
const wellMeasured = (stem: string): boolean => measure(stem) > 1;

function step1a(word: string): string {
  if (word.endsWith('ies') && word.length === 4) return `${word.slice(0, -3)}ie`;
  return apply(word, [
    ['sses', 'ss', always],
    ['ies', 'i', always],
    ['ss', 'ss', always],
    ['s', '', always],
  ]);
}

function step1b(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, -3) + (word.length === 4 ? 'ie' : 'i');
  if (word.endsWith('eed')) return measured(word.slice(0, -3)) ? word.slice(0, -1) : word;
  for (const suffix of ['ed', 'ing']) {
    const stem = word.slice(0, word.length - suffix.length);
    if (!word.endsWith(suffix) || !hasVowel(stem)) continue;
    if (/(at|bl|iz)$/.test(stem)) return `${stem}e`;
    if (endsDouble(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
    return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
  }
  return word;
}

function step1c(word: string): string {
  return apply(word, [['y', 'i', (stem) => stem.length > 1 && isConsonant(stem, stem.length - 1)]]);
}

const STEP2: readonly Rule[] = [
  ['ational', 'ate', measured],
  ['tional', 'tion', measured],
  ['enci', 'ence', measured],
  ['anci', 'ance', measured],
  ['izer', 'ize', measured],
  ['bli', 'ble', measured],
  ['alli', 'al', measured],
  ['entli', 'ent', measured],
  ['eli', 'e', measured],
  ['ousli', 'ous', measured],
  ['ization', 'ize', measured],
  ['ation', 'ate', measured],
  ['ator', 'ate', measured],
  ['alism', 'al', measured],
  ['iveness', 'ive', measured],
  ['fulness', 'ful', measured],
  ['ousness', 'ous', measured],
  ['aliti', 'al', measured],
  ['iviti', 'ive', measured],
  ['biliti', 'ble', measured],
  ['fulli', 'ful', measured],
];

function step2(word: string): string {
  if (word.endsWith('alli') && measured(word.slice(0, -4))) return step2(`${word.slice(0, -4)}al`);
  // "logi" counts the l as part of the stem's measure.
  if (!STEP2.some(([suffix]) => word.endsWith(suffix)) && word.endsWith('logi'))
    return measured(word.slice(0, -3)) ? word.slice(0, -1) : word;
  return apply(word, STEP2);
}

function step3(word: string): string {
  return apply(word, [
    ['icate', 'ic', measured],
    ['ative', '', measured],
    ['alize', 'al', measured],
    ['iciti', 'ic', measured],
    ['ical', 'ic', measured],
    ['ful', '', measured],
    ['ness', '', measured],
  ]);
}

function step4(word: string): string {
  const dropped = ['al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent'];
  const late = ['ou', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize'];
  const rule = (suffix: string): Rule => [suffix, '', wellMeasured];
  return apply(word, [
    ...dropped.map(rule),
    ['ion', '', (stem) => wellMeasured(stem) && /[st]$/.test(stem)],
    ...late.map(rule),
  ]);
}

function step5a(word: string): string {
  if (!word.endsWith('e')) return word;
  const stem = word.slice(0, -1);
  if (measure(stem) > 1) return stem;
  return measure(stem) === 1 && !endsShort(stem) ? stem : word;
}

function step5b(word: string): string {
  return word.endsWith('ll') && measure(word.slice(0, -1)) > 1 ? word.slice(0, -1) : word;
}
