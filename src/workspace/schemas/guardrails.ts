// guardrails.yaml as a file: what the contract says of it, and no key beside that; names and durations as people write them.
import { z } from 'zod';
import {
  guardrailSetSchema as contractSet,
  guardrailsConfigurationSchema,
  guardrailUseSchema as contractUse,
  promptGuardrailsOf,
  throttleSchema,
  usesOf,
} from '../../contract/guardrails.ts';
import { duration, name } from './values.ts';

const guardrailUseSchema = contractUse.extend({ guardrail: name }).strict();

const guardrailSetSchema = contractSet
  .extend({ input: usesOf(guardrailUseSchema), output: usesOf(guardrailUseSchema) })
  .strict();

export const guardrailsSchema = guardrailsConfigurationSchema
  .extend({
    sets: z.record(name, guardrailSetSchema).default({}),
    keys: z.record(z.string().min(1).max(200), name).default({}),
    throttle: throttleSchema.extend({ within: duration, for: duration }).strict().optional(),
  })
  .strict();
export type GuardrailsFile = z.output<typeof guardrailsSchema>;

/** What a prompt file says under `guardrails`. */
export const promptGuardrailsSchema = promptGuardrailsOf(name, guardrailSetSchema);
