// The scorer `json-schema`: 1 when the output is JSON that its schema (draft 2020-12) accepts, required fields and all. Schemas are
// users': bounded in size and depth, their patterns matched in linear time, nothing fetched.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { RequestError, messageOf } from '../kernel/errors.ts';
import { linearPattern } from '../text/linear-pattern.ts';
import { singleOutput } from './scorer-input.ts';
import type { Scorer } from './scorer.ts';

const MOST_SCHEMA_CHARACTERS = 100_000;
const MOST_OUTPUT_CHARACTERS = 1_000_000;
const DEEPEST = 64;
const SCHEMAS_KEPT = 200;

export function jsonSchemaScorer(): Scorer {
  const compiled = new Map<string, ValidateFunction>();
  return {
    name: 'json-schema',
    score(input) {
      const validate = compile(input.schema, compiled);
      const output = singleOutput(input);
      if (output.length > MOST_OUTPUT_CHARACTERS)
        return { score: 0, reason: `longer than ${MOST_OUTPUT_CHARACTERS} characters` };
      let value: unknown;
      try {
        value = JSON.parse(output);
      } catch (error) {
        return { score: 0, reason: `not JSON: ${messageOf(error)}` };
      }
      if (depthOf(value, DEEPEST) > DEEPEST) return { score: 0, reason: `nested deeper than ${DEEPEST}` };
      if (validate(value)) return { score: 1, reason: 'the schema accepts it' };
      const [first] = validate.errors ?? [];
      return {
        score: 0,
        reason: `${first?.instancePath || '/'} ${first?.message ?? 'is not as the schema says'}`,
      };
    },
  };
}

function compile(schema: unknown, kept: Map<string, ValidateFunction>): ValidateFunction {
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null || Array.isArray(schema)))
    throw badSchema('it must be an object (JSON Schema, draft 2020-12)');
  if (depthOf(schema, DEEPEST) > DEEPEST) throw badSchema(`it is nested deeper than ${DEEPEST}`);
  const text = JSON.stringify(schema);
  if (text.length > MOST_SCHEMA_CHARACTERS)
    throw badSchema(`it is longer than ${MOST_SCHEMA_CHARACTERS} characters`);
  const known = kept.get(text);
  if (known !== undefined) return known;
  const engine = Object.assign((source: string) => linearPattern(source), { code: 'linearPattern' });
  const ajv = new Ajv2020({ strict: false, allErrors: false, code: { regExp: engine } });
  formats.default(ajv, { mode: 'fast' });
  try {
    const validate = ajv.compile(schema);
    if (kept.size >= SCHEMAS_KEPT) kept.clear();
    kept.set(text, validate);
    return validate;
  } catch (error) {
    throw badSchema(messageOf(error));
  }
}

function badSchema(why: string): RequestError {
  return new RequestError({
    code: 'bad_schema',
    message: `schema: it can't be used: ${why}.`,
    param: 'schema',
  });
}

/** Levels of nesting, counted no further than one past `limit`. */
function depthOf(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (limit < 0) return 1;
  let deepest = 0;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, limit - 1));
  return deepest + 1;
}
