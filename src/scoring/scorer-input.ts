// What scorers need of their input, read with an error that says what is missing.
import { RequestError } from '../kernel/errors.ts';
import type { ScorerInput } from './scorer.ts';

function lacking(field: string, message: string): RequestError {
  return new RequestError({ code: 'bad_scorer_input', message, param: field });
}

/** The output as one text; lists are for `bleu` alone. */
export function singleOutput(input: ScorerInput): string {
  if (typeof input.output === 'string') return input.output;
  throw lacking('output', 'output: this scorer takes one text, not a list.');
}

/** All references of one output. */
export function references(input: ScorerInput): readonly string[] {
  const { reference } = input;
  const listed = typeof reference === 'string' ? [reference] : (reference ?? []).flat();
  if (listed.length === 0) throw lacking('reference', 'reference: this scorer needs a text to compare with.');
  return listed;
}

export function contextOf(input: ScorerInput): string {
  if (input.context === undefined)
    throw lacking('context', 'context: this scorer needs the text the answer was to rest on.');
  return input.context;
}

/** `a` before `b` when it scores higher: the best of several references counts. */
export function best<T extends { readonly score: number | null }>(results: readonly T[]): T {
  return results.reduce((top, each) => ((each.score ?? -1) > (top.score ?? -1) ? each : top));
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
