// How often the shipped guardrail of names stops at ordinary answers of models, which it was not trained on. Many of them name persons and
// places, so what is counted apart is what no reader would take for a name: numbers below a thousand, marks, and words in lower case.
import { needRows } from '../../scripts/training/data.ts';
import { loadNameModel } from '../../src/safety/names/load.ts';
import { recogniseNames } from '../../src/safety/names/recognise.ts';
import { atMost, type Figure } from './figure.ts';

const THRESHOLD = 0.5;
/** A tagger that was not taught what answers look like finds 8.2, 1.7 of them plainly wrong. */
const MOST_FOUND = 6;
const MOST_PLAINLY_WRONG = 0.5;

const isPlainlyNone = (found: string): boolean => /^\d{1,3}$/.test(found) || !/[\p{Lu}\p{N}]/u.test(found);

export async function measureOrdinaryText(): Promise<Figure[]> {
  const model = await loadNameModel();
  const texts = needRows('answers.jsonl').flatMap((row) => row.answers['gpt-4-turbo']?.text ?? []);
  const found = texts.flatMap((text) =>
    recogniseNames(text, model)
      .filter(({ score, type }) => score >= THRESHOLD && type !== 'AGE')
      .map(({ start, end }) => text.slice(start, end)),
  );
  const wrong = found.filter(isPlainlyNone);
  return [
    atMost('names found in an ordinary answer, mean', found.length / texts.length, MOST_FOUND),
    atMost('plainly no names found in one, mean', wrong.length / texts.length, MOST_PLAINLY_WRONG),
  ];
}
