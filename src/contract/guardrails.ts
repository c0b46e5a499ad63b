// guardrails.yaml: sets of guardrails on input and output, who uses which, and what happens when one can't run. The one description of it:
// the gateway reads it by these schemas out of the snapshot, the workspace derives its stricter ones for files from them.
import { z } from 'zod';

const MOST_USES = 50;
const text = z.string().min(1).max(10_000);

export const guardrailUseSchema = z.object({
  guardrail: z.string().min(1),
  /** Absent: the guardrail's own default. */
  action: z.enum(['allow', 'flag', 'redact', 'block']).optional(),
  /** Findings with a lower score are dropped. */
  threshold: z.number().min(0).max(1).optional(),
  /** When it can't run: `closed` blocks, `open` lets through and says so. Absent: the file's. */
  on_error: z.enum(['closed', 'open']).optional(),
  /** The guardrail's own settings, checked by it. */
  options: z.record(z.string(), z.unknown()).default({}),
});
export type GuardrailUse = z.output<typeof guardrailUseSchema>;

/** What runs in one direction. */
export const usesOf = <Use extends z.ZodType>(use: Use): z.ZodDefault<z.ZodArray<Use>> =>
  z.array(use).max(MOST_USES).default([]);

export const streamModeSchema = z.enum(['window', 'hold', 'observe']);
export type StreamMode = z.infer<typeof streamModeSchema>;

export const guardrailSetSchema = z.object({
  input: usesOf(guardrailUseSchema),
  output: usesOf(guardrailUseSchema),
  /** How streams are held for output guardrails. */
  streams: streamModeSchema.optional(),
  /** Tokens held back in `window`. */
  window_tokens: z.number().int().positive().max(10_000).optional(),
  /** Replace personal data by placeholders before the provider sees it, and restore it in the answer. */
  pseudonymise: z.boolean().default(false),
  /** What the user reads when something is blocked. */
  message: text.optional(),
});
export type GuardrailSet = z.output<typeof guardrailSetSchema>;

/** A user whose requests keep triggering input guardrails is slowed down. Durations in milliseconds. */
export const throttleSchema = z.object({
  findings: z.number().int().positive(),
  within: z.number().positive(),
  requests_per_minute: z.number().int().positive(),
  for: z.number().positive(),
});

export const guardrailsConfigurationSchema = z.object({
  on_error: z.enum(['closed', 'open']).default('closed'),
  streams: streamModeSchema.default('window'),
  message: text.default('This request was stopped by a content policy.'),
  /** `default` runs on every request whose prompt or key names no other set. */
  sets: z.record(z.string().min(1), guardrailSetSchema).default({}),
  /** Key (id or name) → set. */
  keys: z.record(z.string().min(1).max(200), z.string().min(1)).default({}),
  throttle: throttleSchema.optional(),
});
export type GuardrailsConfiguration = z.output<typeof guardrailsConfigurationSchema>;

/** What a prompt says under `guardrails`: a set's name, several, or a set of its own. */
export const promptGuardrailsOf = <Name extends z.ZodType<string>, Set extends z.ZodType>(
  name: Name,
  set: Set,
): z.ZodUnion<[Name, z.ZodArray<Name>, Set]> => z.union([name, z.array(name).min(1).max(20), set]);
export const promptGuardrailsSchema = promptGuardrailsOf(z.string().min(1), guardrailSetSchema);
