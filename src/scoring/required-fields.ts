// The scorer `required-fields`: which share of the named fields a JSON answer has; 0 where it is no JSON object. `a.b` looks inside.
import { RequestError } from '../kernel/errors.ts';
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

function namedBySchema(schema: unknown): readonly string[] {
  const required: unknown =
    typeof schema === 'object' && schema !== null && 'required' in schema ? schema.required : undefined;
  const names = Array.isArray(required) ? required.filter((one) => typeof one === 'string') : [];
  if (names.length > 0) return names;
  throw new RequestError({
    code: 'bad_scorer_input',
    message:
      'fields: name them in options.fields (on the command line --fields), or in "required" of the schema.',
    param: 'fields',
  });
}

/** `fields`: names every answer must have; without them, each case's schema names its own. */
export function requiredFieldsScorer(fields: readonly string[] | undefined): Scorer {
  return {
    name: 'required-fields',
    score(input) {
      const names = fields === undefined || fields.length === 0 ? namedBySchema(input.schema) : fields;
      let answer: unknown;
      try {
        answer = JSON.parse(singleOutput(input));
      } catch (error) {
        if (error instanceof RequestError) throw error;
        return { score: 0, reason: 'the answer is not JSON' };
      }
      const missing = names.filter((name) => !has(answer, name));
      const score = (names.length - missing.length) / names.length;
      return {
        score,
        reason: missing.length === 0 ? 'every field is there' : `missing: ${missing.join(', ')}`,
      };
    },
  };
}
