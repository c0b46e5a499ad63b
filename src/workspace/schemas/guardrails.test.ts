// Files and gateways agree on guardrails.yaml: what a file may say the gateway takes as it was read, what one refuses the other does too,
// and a key that only one of them knows can't exist.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  guardrailsConfigurationSchema,
  promptGuardrailsSchema as promptInSnapshot,
} from '../../contract/guardrails.ts';
import { guardrailsSchema, promptGuardrailsSchema } from './guardrails.ts';

const use = {
  guardrail: 'pii',
  action: 'redact',
  threshold: 0.4,
  on_error: 'open',
  options: { types: ['IP_ADDRESS'] },
};
const set = {
  input: [use],
  output: [{ guardrail: 'secrets' }],
  streams: 'hold',
  window_tokens: 10,
  pseudonymise: true,
  message: 'No.',
};

const ACCEPTED: [string, object][] = [
  ['an empty file', {}],
  [
    'everything there is',
    {
      on_error: 'open',
      streams: 'observe',
      message: 'Stop.',
      sets: { default: set, 'team/a': {} },
      keys: { desk: 'default' },
    },
  ],
  ['guardrails on one way only', { sets: { default: { output: [use] } } }],
  [
    'the ends of what a threshold may be',
    {
      sets: {
        default: {
          input: [
            { ...use, threshold: 0 },
            { ...use, threshold: 1 },
          ],
        },
      },
    },
  ],
];
const REFUSED: [string, object][] = [
  ['another action', { sets: { default: { input: [{ ...use, action: 'drop' }] } } }],
  ['a threshold above one', { sets: { default: { input: [{ ...use, threshold: 1.1 }] } } }],
  ['a use without a guardrail', { sets: { default: { input: [{ action: 'flag' }] } } }],
  ['a guardrail without a name', { sets: { default: { input: [{ guardrail: '' }] } } }],
  ['another way with streams', { streams: 'peek' }],
  ['another way with errors', { on_error: 'maybe' }],
  ['no window', { sets: { default: { window_tokens: 0 } } }],
  ['a window of a book', { sets: { default: { window_tokens: 10_001 } } }],
  ['an empty message', { message: '' }],
  ['options that are a list', { sets: { default: { input: [{ guardrail: 'pii', options: [] }] } } }],
  ['more guardrails than fifty', { sets: { default: { input: Array.from({ length: 51 }, () => use) } } }],
  ['pseudonyms by a word', { sets: { default: { pseudonymise: 'yes' } } }],
  ['a throttle without an end', { throttle: { findings: 3, within: '1h', requests_per_minute: 2 } }],
];

describe('guardrails.yaml in files and in snapshots', () => {
  it.each(ACCEPTED)('takes %s, and reads the same', (_, document) => {
    const file = guardrailsSchema.parse(document);
    expect(guardrailsConfigurationSchema.parse(document)).toEqual(file);
    expect(guardrailsConfigurationSchema.parse(JSON.parse(JSON.stringify(file)))).toEqual(file);
  });

  it.each(REFUSED)('refuses %s', (_, document) => {
    expect(guardrailsSchema.safeParse(document).success).toBe(false);
    expect(guardrailsConfigurationSchema.safeParse(document).success).toBe(false);
  });

  it('takes durations as people write them in files, in milliseconds in snapshots', () => {
    const file = guardrailsSchema.parse({
      throttle: { findings: 3, within: '1h', requests_per_minute: 2, for: '15m' },
    });
    expect(file.throttle).toEqual({ findings: 3, within: 3_600_000, requests_per_minute: 2, for: 900_000 });
    expect(guardrailsConfigurationSchema.parse(file)).toEqual(file);
  });

  it.each([['default'], [['default', 'strict']], [set], [[]], [''], [7]])(
    'agrees on %j in a prompt',
    (value) => {
      const file = promptGuardrailsSchema.safeParse(value);
      const snapshot = promptInSnapshot.safeParse(value);
      expect(snapshot.success).toBe(file.success);
      expect(snapshot.data).toEqual(file.data);
    },
  );

  it('has the same fields at every depth, and only files refuse others', () => {
    const fields = (schema: z.ZodType): unknown =>
      fieldsOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
    expect(fields(guardrailsSchema)).toEqual(fields(guardrailsConfigurationSchema));
    const unknown = { sets: { default: { input: [{ ...use, colour: 'red' }] } } };
    expect(guardrailsSchema.safeParse(unknown).success).toBe(false);
    expect(guardrailsConfigurationSchema.parse(unknown).sets['default']?.input[0]).toEqual(use);
  });
});

/** The names of properties, at every depth. */
function fieldsOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return null;
  const { properties, items, additionalProperties } = schema as Record<string, unknown>;
  if (typeof properties === 'object' && properties !== null)
    return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, fieldsOf(value)]));
  return fieldsOf(items ?? additionalProperties);
}
