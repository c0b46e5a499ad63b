// Sentences with labelled names to train the tagger from: the labelled rows themselves, the same with other values, sentences from
// our own templates, and sentences without any name.
import { readFileSync } from 'node:fs';
import type { Gazetteer } from '../../src/safety/names/gazetteer.ts';
import { featuresOf } from '../../src/safety/names/features.ts';
import { TYPES, type NameType } from '../../src/safety/names/tagger.ts';
import { tokenize } from '../../src/safety/names/tokens.ts';
import { codePointOffsets, needRows, type PiiRow } from './data.ts';
import type { NameValues } from './name-values.ts';
import type { Random } from './random.ts';

export interface Span {
  readonly type: NameType;
  readonly start: number;
  readonly end: number;
}
export interface Example {
  readonly text: string;
  readonly spans: readonly Span[];
}
export interface Encoded {
  readonly features: readonly Uint32Array[];
  readonly labels: Uint8Array;
}

/** Types of the labelled rows as we name them; others are not the tagger's. */
export const ROW_TYPES: Readonly<Record<string, NameType>> = {
  PERSON: 'PERSON',
  GPE: 'LOCATION',
  STREET_ADDRESS: 'LOCATION',
  ZIP_CODE: 'LOCATION',
  ORGANIZATION: 'ORGANIZATION',
  NRP: 'NRP',
  AGE: 'AGE',
  DATE_TIME: 'DATE_TIME',
};

/** A labelled row in UTF-16 offsets. */
export function exampleOf(row: PiiRow): Example {
  const offsets = codePointOffsets(row.text);
  const spans = row.spans
    .filter((span) => ROW_TYPES[span.type] !== undefined)
    .map((span) => ({
      type: ROW_TYPES[span.type] as NameType,
      start: offsets[span.start] as number,
      end: offsets[span.end] as number,
    }))
    .sort((a, b) => a.start - b.start);
  return { text: row.text, spans };
}

/** The row with other values in its spans. */
export function refill(row: PiiRow, values: NameValues, random: Random): Example {
  const offsets = codePointOffsets(row.text);
  const sorted = [...row.spans].sort((a, b) => a.start - b.start);
  let text = '';
  let last = 0;
  const spans: Span[] = [];
  for (const span of sorted) {
    const start = offsets[span.start] as number;
    const end = offsets[span.end] as number;
    if (start < last) continue;
    text += row.text.slice(last, start);
    const old = row.text.slice(start, end);
    const value = otherValue(span.type, old, values, random);
    const type = ROW_TYPES[span.type];
    if (type !== undefined) spans.push({ type, start: text.length, end: text.length + value.length });
    text += value;
    last = end;
  }
  return { text: text + row.text.slice(last), spans };
}

function otherValue(type: string, old: string, values: NameValues, random: Random): string {
  switch (type) {
    case 'PERSON':
      return /\s/.test(old) ? values.person() : random.chance(0.5) ? values.first() : values.last();
    case 'GPE':
      return random.chance(0.5) ? values.city() : values.country();
    case 'STREET_ADDRESS':
      if (/^\d+$/.test(old)) return values.house();
      if (/^(?:apt|suite|unit)/i.test(old) && old.length < 12) return values.unit();
      return old.length > 25 ? values.address() : `${values.street()} ${values.house()}`;
    case 'ZIP_CODE':
      return values.zip();
    case 'ORGANIZATION':
      return values.organization();
    case 'NRP':
      return values.demonym();
    case 'AGE':
      return String(18 + random.below(72));
    default:
      return old;
  }
}

const FILLERS: Readonly<Record<string, [NameType | null, (values: NameValues, random: Random) => string]>> = {
  PERSON: ['PERSON', (values) => values.person()],
  FIRST: ['PERSON', (values) => values.first()],
  LAST: ['PERSON', (values) => values.last()],
  CITY: ['LOCATION', (values) => values.city()],
  COUNTRY: ['LOCATION', (values) => values.country()],
  ADDRESS: ['LOCATION', (values) => values.address()],
  ADDRESS2: ['LOCATION', (values) => values.unit()],
  STREET: ['LOCATION', (values) => values.street()],
  HOUSE: ['LOCATION', (values) => values.house()],
  ZIP: ['LOCATION', (values) => values.zip()],
  ORG: ['ORGANIZATION', (values) => values.organization()],
  NRP: ['NRP', (values) => values.demonym()],
  AGE: ['AGE', (_, random) => String(1 + random.below(98))],
  YEAR: ['DATE_TIME', (values) => values.year()],
  DATE: ['DATE_TIME', (values, random) => dateOf(values, random)],
  JOB: [null, (values) => values.job()],
  HON: [
    null,
    (_, random) => random.pick(['Mr.', 'Mrs.', 'Ms.', 'Dr.', 'Mr', 'Mrs', 'Prof.', 'Miss', 'Sir', 'Dr']),
  ],
  PHONE: [null, (values) => `${values.digits(3)}-${values.digits(3)}-${values.digits(4)}`],
  EMAIL: [
    null,
    (values) =>
      `${values
        .first()
        .toLowerCase()
        .replace(/[^a-z]/g, 'x')}@example.com`,
  ],
};

function dateOf(values: NameValues, random: Random): string {
  const month = 1 + random.below(12);
  const day = 1 + random.below(28);
  return random.chance(0.5)
    ? `${month}/${day}/${values.year()}`
    : `${values.year()}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** A template of ours with values in its places. */
export function fill(template: string, values: NameValues, random: Random): Example {
  let text = '';
  const spans: Span[] = [];
  for (const piece of template.split(/(\{[A-Z0-9]+\})/)) {
    const filler = FILLERS[piece.slice(1, -1)];
    if (!piece.startsWith('{') || filler === undefined) {
      text += piece;
      continue;
    }
    const value = filler[1](values, random);
    if (filler[0] !== null)
      spans.push({ type: filler[0], start: text.length, end: text.length + value.length });
    text += value;
  }
  return { text, spans };
}

/** Lines of a template file; `\n` in it is a line end. */
export function templatesOf(name: string): string[] {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.replaceAll('\\n', '\n'));
}

/** Texts of the query set that name nobody and nothing: no capital inside, no known place. */
export function cleanQueries(places: ReadonlySet<string>): string[] {
  return needRows('queries.jsonl')
    .map((row) => row.text ?? row.question ?? '')
    .filter((text) => text !== '' && !/[^.?!]\s\p{Lu}\p{Ll}/u.test(text))
    .filter((text) => {
      const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
      return (
        !words.some((word, index) => places.has(word) || places.has(`${word} ${words[index + 1] ?? ''}`)) &&
        !/\d/.test(text)
      );
    });
}

/** Features and labels of an example. */
export function encode(example: Example, gazetteer: Gazetteer): Encoded {
  const tokens = tokenize(example.text);
  const labels = new Uint8Array(tokens.length);
  for (const span of example.spans) {
    const kind = TYPES.indexOf(span.type) * 2 + 1;
    let isFirst = true;
    tokens.forEach((token, index) => {
      if (token.start >= span.end || token.end <= span.start || (token.text === '\n' && isFirst)) return;
      labels[index] = isFirst ? kind : kind + 1;
      isFirst = false;
    });
  }
  return { features: featuresOf(tokens, gazetteer), labels };
}
