// What the gateway reads of guardrails.yaml out of the snapshot: sets of guardrails on input and output, and who uses which.
import { z } from 'zod';

export const guardrailUseSchema = z.object({
  guardrail: z.string().min(1),
  action: z.enum(['allow', 'flag', 'redact', 'block']).optional(),
  /** Findings with a lower score are dropped. */
  threshold: z.number().min(0).max(1).optional(),
  /** When it can't run: `closed` blocks, `open` lets through and says so. */
  on_error: z.enum(['closed', 'open']).optional(),
  options: z.record(z.string(), z.unknown()).default({}),
});
export type GuardrailUse = z.output<typeof guardrailUseSchema>;

export const streamModeSchema = z.enum(['window', 'hold', 'observe']);
export type StreamMode = z.infer<typeof streamModeSchema>;

export const guardrailSetSchema = z.object({
  input: z.array(guardrailUseSchema).default([]),
  output: z.array(guardrailUseSchema).default([]),
  streams: streamModeSchema.optional(),
  window_tokens: z.number().int().positive().optional(),
  pseudonymise: z.boolean().default(false),
  message: z.string().optional(),
});
export type GuardrailSet = z.output<typeof guardrailSetSchema>;

export const guardrailsConfigurationSchema = z.object({
  on_error: z.enum(['closed', 'open']).default('closed'),
  streams: streamModeSchema.default('window'),
  message: z.string().default('This request was stopped by a content policy.'),
  sets: z.record(z.string(), guardrailSetSchema).default({}),
  keys: z.record(z.string(), z.string()).default({}),
  /** Durations in milliseconds. */
  throttle: z
    .object({
      findings: z.number().int().positive(),
      within: z.number().positive(),
      requests_per_minute: z.number().int().positive(),
      for: z.number().positive(),
    })
    .optional(),
});
export type GuardrailsConfiguration = z.output<typeof guardrailsConfigurationSchema>;

/** What a prompt says under `guardrails`: a set's name, several, or a set of its own. */
export const promptGuardrailsSchema = z.union([z.string(), z.array(z.string()), guardrailSetSchema]);
