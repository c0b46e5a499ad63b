// What the console's API answers about evaluation: live scores, satisfaction, and people's ratings.
import { z } from 'zod';

export const liveScoresSchema = z.object({
  scorer: z.string(),
  models: z.array(
    z.object({
      model: z.string(),
      prompt: z.string(),
      scores: z
        .array(z.number())
        .describe('one an interaction, 0..1; those the scorer could not grade are left out'),
      costs_usd: z.array(z.string().nullable()).describe('US$ of the same interactions'),
      latencies_ms: z.array(z.number()),
      simulated: z.boolean(),
    }),
  ),
});
export type LiveScores = z.infer<typeof liveScoresSchema>;

const share = z.tuple([z.number(), z.number()]).describe('at 95 %');

export const satisfactionSchema = z.object({
  lines: z.array(
    z.object({
      prompt: z.string(),
      version: z.string(),
      feedback: z.number().int(),
      thumbs_up: z.number().int(),
      thumbs_down: z.number().int(),
      positive_share: z.number().nullable(),
      positive_interval: share.nullable().describe('Wilson'),
      avg_rating: z.number().nullable(),
      ratings: z.number().int(),
      task_completion_rate: z.number().nullable(),
    }),
  ),
});
export type Satisfaction = z.infer<typeof satisfactionSchema>;
