// prompts/*.yaml: one prompt in one version. What serves (all but documentation, suite and key_metrics) never changes under one prompt_id.
import { z } from 'zod';
import { parsePromptId } from '../../contract/prompt-id.ts';
import { metric } from './alerts.ts';
import { promptGuardrailsSchema } from './guardrails.ts';
import { count, duration, moment, name, sentence, share, template } from './values.ts';

const documentation = z.strictObject({
  purpose: sentence.optional(),
  acceptable_quality: sentence.optional(),
  /** `weekly`, `monthly`, `every 2 weeks`, `quarterly`, or a duration. */
  evaluation_cadence: sentence.optional(),
  cost_per_request: z.union([sentence, z.number().nonnegative()]).optional(),
  known_limitations: z.union([sentence, z.array(sentence)]).optional(),
  last_reviewed: moment.optional(),
  owner: sentence.optional(),
});
export type PromptDocumentation = z.output<typeof documentation>;

/** The points a prompt's documentation should have, in the order they are shown. */
export const DOCUMENTATION_POINTS = [
  'purpose',
  'owner',
  'acceptable_quality',
  'evaluation_cadence',
  'cost_per_request',
  'known_limitations',
  'last_reviewed',
] as const satisfies readonly (keyof PromptDocumentation)[];

const parameters = {
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: count.optional(),
  top_p: share.optional(),
  top_k: count.optional(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).optional(),
  seed: z.number().int().optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).optional(),
};

/** Request parameters a version may set, by their canonical name. */
export const PARAMETER_NAMES = Object.keys(parameters) as readonly (keyof typeof parameters)[];

export const promptSchema = z
  .strictObject({
    prompt_id: z
      .string('a prompt id in quotes, such as "customer-support-v3.2"')
      .refine(
        (id) => parsePromptId(id) !== undefined,
        'not of the form <name>-v<version>, such as "customer-support-v3.2"',
      ),
    model: name,
    system_prompt: template.optional(),
    user_prompt_template: template.optional(),
    ...parameters,
    documentation: documentation.optional(),
    output_schema: z.record(z.string(), z.unknown()).optional(),
    suite: name.optional(),
    guardrails: promptGuardrailsSchema.optional(),
    policies: z.array(name).max(50).optional(),
    quality_bar: share.optional(),
    context_budget: count.optional(),
    key_metrics: z
      .array(metric)
      .min(3, 'three to five metric names')
      .max(5, 'three to five metric names')
      .optional(),
    context_variable: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'a variable name')
      .optional(),
    cache_ttl: duration.optional(),
    payloads: z.enum(['full', 'redacted', 'none']).optional(),
  })
  .superRefine((prompt, context) => {
    if (prompt.system_prompt === undefined && prompt.user_prompt_template === undefined) {
      context.addIssue({
        code: 'custom',
        message: 'a prompt needs "system_prompt", "user_prompt_template" or both',
      });
    }
  });
export type PromptFile = z.output<typeof promptSchema>;
