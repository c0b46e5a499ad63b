// judges/*.yaml: a model that grades by a rubric on a scale, one answer at a time or two against each other.
import { z } from 'zod';
import { amount, count, name, sentence, share, template } from './values.ts';

const dimension = z.strictObject({
  name,
  description: sentence,
  weight: z.number().positive().default(1),
  yes_no: z.boolean().default(false),
});

export const judgeSchema = z
  .strictObject({
    description: sentence.optional(),
    mode: z.enum(['pointwise', 'pairwise']).default('pointwise'),
    /** What is graded by, in words. */
    rubric: sentence,
    dimensions: z.array(dimension).max(20).default([]),
    scale: z
      .strictObject({
        minimum: z.number().int().default(1),
        maximum: z.number().int().default(5),
        labels: z.record(z.string(), sentence).default({}),
      })
      .prefault({})
      .refine((scale) => scale.minimum < scale.maximum, '"minimum" must be below "maximum"'),
    model: name.optional(),
    /** Several models that vote; instead of `model`. */
    jury: z.array(name).min(2).max(15).optional(),
    /** May use {question}, {response}, {response_a}, {response_b}, {context}, {reference}, {rubric}, {minimum}, {maximum}. */
    prompt_template: template,
    temperature: z.number().min(0).max(2).default(0),
    max_tokens: count.default(400),
    length_control: z.boolean().default(true),
    max_cost_usd: amount.optional(),
    /** Share of live traffic graded. */
    sample: share.optional(),
  })
  .superRefine((judge, context) => {
    if ((judge.model === undefined) === (judge.jury === undefined)) {
      context.addIssue({ code: 'custom', message: 'a judge needs either "model" or "jury"' });
    }
  });
export type JudgeFile = z.output<typeof judgeSchema>;
