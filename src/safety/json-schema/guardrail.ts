// Whether an answer is JSON that a schema accepts. A fence of Markdown around it is looked through.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { UsageError, messageOf } from '../../kernel/errors.ts';
import { defineGuardrail, wholeText } from '../guardrail.ts';

const FENCE = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/;
const LARGEST_SCHEMA = 200_000;

export const guardrail = defineGuardrail({
  name: 'json-schema',
  placement: 'inline',
  directions: ['output'],
  needsWholeText: true,
  defaultAction: 'block',
  configuration: z.strictObject({ schema: z.record(z.string(), z.unknown()) }),
  worksUnconfigured: false,
  examples: [
    {
      text: '{"a": "x"}',
      configuration: { schema: { type: 'object', properties: { a: { type: 'number' } } } },
      finds: ['schema_violation'],
    },
    {
      text: '```json\n{"a": 1}\n```',
      configuration: { schema: { type: 'object', required: ['a'] } },
      finds: [],
    },
    { text: 'no json', configuration: { schema: {} }, finds: ['not_json'] },
  ],
  create({ schema }) {
    if (JSON.stringify(schema).length > LARGEST_SCHEMA)
      throw new UsageError('json-schema: the schema is larger than 200 KB.');
    const validate = compile(schema);
    return {
      scan({ text }) {
        let value: unknown;
        try {
          value = JSON.parse(FENCE.exec(text)?.[1] ?? text);
        } catch {
          return { findings: [wholeText('not_json', text, 1)] };
        }
        return { findings: validate(value) ? [] : [wholeText('schema_violation', text, 1)] };
      },
    };
  },
});

function compile(schema: Record<string, unknown>): (value: unknown) => boolean {
  try {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    return (value) => validate(value);
  } catch (error) {
    throw new UsageError(`json-schema: the schema does not compile: ${messageOf(error)}`);
  }
}
