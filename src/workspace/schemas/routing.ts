// routing.yaml: rules in order; the first whose conditions all hold gives the model of a request that asks for `auto`.
import { z } from 'zod';
import { name, sentence, tags } from './values.ts';

const whole = z.number().int().nonnegative();

const when = z.strictObject({
  characters_below: whole.optional(),
  characters_at_least: whole.optional(),
  words_below: whole.optional(),
  words_at_least: whole.optional(),
  /** All of them must be on the request. */
  tags: tags.min(1).optional(),
  /** One of these keys (id or name). */
  keys: z.array(z.string().min(1)).min(1).optional(),
  /** One of these languages, ISO 639-1. */
  languages: z
    .array(z.string().regex(/^[a-z]{2,3}$/, 'a language code such as "en"'))
    .min(1)
    .optional(),
  sensitive: z.boolean().optional(),
  workload: z.enum(['interactive', 'batch']).optional(),
});

const rule = z.strictObject({ name: sentence, when: when.prefault({}), model: name });

export const routingSchema = z.strictObject({ rules: z.array(rule).max(1000).default([]) });
export type RoutingFile = z.output<typeof routingSchema>;
