// guardrails.yaml: named sets of guardrails on input and output, who uses which, and what happens when one can't run.
import { z } from 'zod';
import { duration, name, options, sentence, share } from './values.ts';

export const guardrailActionSchema = z.enum(['allow', 'flag', 'redact', 'block']);

export const guardrailUseSchema = z.strictObject({
  guardrail: name,
  /** Absent: the guardrail's own default. */
  action: guardrailActionSchema.optional(),
  /** Findings with a lower score are dropped. */
  threshold: share.optional(),
  /** When it can't run: `closed` blocks, `open` lets through and says so. Absent: the file's. */
  on_error: z.enum(['closed', 'open']).optional(),
  /** The guardrail's own settings, checked by it. */
  options: options.default({}),
});

export const guardrailSetSchema = z.strictObject({
  input: z.array(guardrailUseSchema).max(50).default([]),
  output: z.array(guardrailUseSchema).max(50).default([]),
  /** How streams are held for output guardrails. */
  streams: z.enum(['window', 'hold', 'observe']).optional(),
  /** Tokens held back in `window`. */
  window_tokens: z.number().int().positive().max(10_000).optional(),
  /** Replace personal data by placeholders before the provider sees it, and restore it in the answer. */
  pseudonymise: z.boolean().default(false),
  /** What the user reads when something is blocked. */
  message: sentence.optional(),
});

export const guardrailsSchema = z.strictObject({
  on_error: z.enum(['closed', 'open']).default('closed'),
  streams: z.enum(['window', 'hold', 'observe']).default('window'),
  message: sentence.default('This request was stopped by a content policy.'),
  /** `default` runs on every request whose prompt or key names no other set. */
  sets: z.record(name, guardrailSetSchema).default({}),
  /** Key (id or name) → set. */
  keys: z.record(z.string().min(1).max(200), name).default({}),
  /** A user whose requests keep triggering input guardrails is slowed down. */
  throttle: z
    .strictObject({
      findings: z.number().int().positive(),
      within: duration,
      requests_per_minute: z.number().int().positive(),
      for: duration,
    })
    .optional(),
});
export type GuardrailsFile = z.output<typeof guardrailsSchema>;

/** What a prompt file says under `guardrails`: a set's name, several, or one set of its own. */
export const promptGuardrailsSchema = z.union([name, z.array(name).min(1).max(20), guardrailSetSchema]);
