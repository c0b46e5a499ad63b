// Personal data on rows of other templates than those trained on. A finding is right when type and place overlap a labelled span.
import { codePointOffsets, foldOf, needRows, type PiiRow } from '../../scripts/training/data.ts';
import { trainNames } from '../../scripts/training/name-model.ts';
import { recogniseNames } from '../../src/safety/names/recognise.ts';
import { scanStructured } from '../../src/safety/structured/scan.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

interface Place {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}
interface Count {
  right: number;
  missed: number;
  wrong: number;
}

const OURS: Readonly<Record<string, string>> = {
  GPE: 'LOCATION',
  STREET_ADDRESS: 'LOCATION',
  ZIP_CODE: 'LOCATION',
  DOMAIN_NAME: 'URL',
};
const STRUCTURED = ['EMAIL_ADDRESS', 'CREDIT_CARD', 'IBAN_CODE', 'US_SSN', 'URL'];
/** Titles ("Mr.") are not personal data here. */
const LEFT_OUT = 'TITLE';
const FOLDS = 4;

const overlaps = (one: Place, other: Place): boolean => one.start < other.end && other.start < one.end;

function count(counts: Map<string, Count>, gold: readonly Place[], found: readonly Place[]): void {
  const of = (type: string): Count => {
    const known = counts.get(type) ?? { right: 0, missed: 0, wrong: 0 };
    counts.set(type, known);
    return known;
  };
  for (const span of gold)
    if (found.some((one) => one.type === span.type && overlaps(one, span))) of(span.type).right += 1;
    else of(span.type).missed += 1;
  for (const one of found)
    if (!gold.some((span) => span.type === one.type && overlaps(one, span))) of(one.type).wrong += 1;
}

function quality({ right, missed, wrong }: Count): { precision: number; recall: number; f2: number } {
  const precision = right / (right + wrong || 1);
  const recall = right / (right + missed || 1);
  return { precision, recall, f2: (5 * precision * recall) / (4 * precision + recall || 1) };
}

function goldOf(row: PiiRow): Place[] {
  const offsets = codePointOffsets(row.text);
  return row.spans
    .filter((span) => span.type !== LEFT_OUT)
    .map((span) => ({
      type: OURS[span.type] ?? span.type,
      start: offsets[span.start] as number,
      end: offsets[span.end] as number,
    }));
}

export function measurePersonalData(): Figure[] {
  const rows = needRows('pii.jsonl');
  const counts = new Map<string, Count>();
  let [clean, altered] = [0, 0];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const isTested = (row: PiiRow): boolean => foldOf(String(row.template), FOLDS) === fold;
    const { model } = trainNames(rows.filter((row) => !isTested(row)));
    for (const row of rows.filter(isTested)) {
      const structured = scanStructured(row.text);
      const names = recogniseNames(row.text, model).filter(
        (name) => !structured.some((other) => overlaps(name, other)),
      );
      const found = [...structured, ...names];
      count(counts, goldOf(row), found);
      if (row.spans.length > 0) continue;
      clean += 1;
      if (found.length > 0) altered += 1;
    }
  }
  const at = (type: string): ReturnType<typeof quality> =>
    quality(counts.get(type) ?? { right: 0, missed: 0, wrong: 0 });
  const all: Count = { right: 0, missed: 0, wrong: 0 };
  for (const one of counts.values()) {
    all.right += one.right;
    all.missed += one.missed;
    all.wrong += one.wrong;
  }
  return [
    ...STRUCTURED.flatMap((type) => [
      atLeast(`${type} precision`, at(type).precision, 0.95),
      atLeast(`${type} recall`, at(type).recall, 0.95),
    ]),
    atLeast('PHONE_NUMBER precision', at('PHONE_NUMBER').precision, 0.8),
    atLeast('PHONE_NUMBER recall', at('PHONE_NUMBER').recall, 0.9),
    atLeast('PERSON F2 (unseen templates)', at('PERSON').f2, 0.7),
    atLeast('LOCATION F2 (unseen templates; no bound set)', at('LOCATION').f2, 0),
    atLeast('ORGANIZATION F2 (unseen templates; no bound set)', at('ORGANIZATION').f2, 0),
    atLeast('all types F2 (unseen templates)', quality(all).f2, 0.7),
    atMost('clean texts altered', altered / clean, 0.05),
  ];
}
