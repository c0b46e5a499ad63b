// The scorer `required-fields`: which share of the named fields a JSON answer has; 0 where it is no JSON object. `a.b` looks inside.
import { UsageError } from '../kernel/errors.ts';
import { singleOutput } from './scorer-input.ts';
import type { Scorer } from './scorer.ts';

function has(value: unknown, path: string): boolean {
  let at = value;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return false;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at !== null && at !== undefined && at !== '';
}

/** Throws a UsageError where no field is named. */
export function requiredFieldsScorer(fields: readonly string[] | undefined): Scorer {
  if (fields === undefined || fields.length === 0)
    throw new UsageError(
      'The scorer "required-fields" needs options.fields, a list of names.',
      'options.fields',
    );
  return {
    name: 'required-fields',
    score(input) {
      let answer: unknown;
      try {
        answer = JSON.parse(singleOutput(input));
      } catch {
        return { score: 0, reason: 'the answer is not JSON' };
      }
      const missing = fields.filter((field) => !has(answer, field));
      const score = (fields.length - missing.length) / fields.length;
      return {
        score,
        reason: missing.length === 0 ? 'every field is there' : `missing: ${missing.join(', ')}`,
      };
    },
  };
}
