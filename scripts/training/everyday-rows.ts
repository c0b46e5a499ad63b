// Everyday texts that attack nobody: short queries and sentences, so that a guardrail learns what most traffic looks like.
import { needRows, type InjectionRow } from './data.ts';

const QUERIES = 500;
const SENTENCES = 200;

/** Every so many rows of the query and the personal-data sets, as harmless rows. */
export function everydayRows(): InjectionRow[] {
  const queries = needRows('queries.jsonl').map((row) => row.text ?? row.question ?? '');
  const sentences = needRows('pii.jsonl').map((row) => row.text);
  return [...evenly(queries, QUERIES), ...evenly(sentences, SENTENCES)]
    .filter((text) => text.trim() !== '')
    .map((text) => ({ source: 'everyday', attack: false, text }));
}

function evenly(texts: readonly string[], count: number): string[] {
  const step = Math.max(1, Math.floor(texts.length / count));
  return texts.filter((_, index) => index % step === 0).slice(0, count);
}
