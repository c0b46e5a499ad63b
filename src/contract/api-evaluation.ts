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

const dimension = z.object({ name: z.string(), description: z.string(), yes_no: z.boolean() });

/** One answer as a rater sees it: nothing tells its variant, version or model. */
export const ratingTaskSchema = z.object({
  interaction: z.string(),
  question: z.string(),
  context: z.string(),
  response: z.string(),
  drawn_at: z.string(),
  ratings: z.number().int().describe('raters who have graded it'),
  raters_wanted: z.number().int(),
});

export const ratingQueueSchema = z.object({
  dimensions: z.array(dimension),
  tasks: z.array(ratingTaskSchema),
});
export type RatingQueue = z.infer<typeof ratingQueueSchema>;

export const sampleRequestSchema = z.object({
  share: z.number().gt(0).max(1).optional().describe('default: sampling.people.share, else 0.05'),
  from: z.string().max(40).optional(),
  to: z.string().max(40).optional(),
  raters: z.number().int().min(1).max(20).default(2).describe('raters wanted for each answer'),
});

export const sampleResultSchema = z.object({
  candidates: z.number().int(),
  drawn: z.number().int(),
  added: z.number().int().describe('drawn and not in the queue before'),
  strata: z.array(z.object({ stratum: z.string(), drawn: z.number().int(), weight: z.number() })),
});
export type SampleResult = z.infer<typeof sampleResultSchema>;

export const givenRatingSchema = z.object({
  interaction: z.string().min(1).max(80),
  rater: z.string().min(1).max(120),
  dimension: z.string().min(1).max(120),
  value: z.number(),
  comment: z.string().max(5000).default(''),
  /** US$ paid for this rating. */
  cost_usd: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,12})?$/)
    .nullish(),
  /** ISO date-time; default now. */
  at: z.iso.datetime().optional(),
});
export type GivenRatingLine = z.infer<typeof givenRatingSchema>;

export const ratingsRequestSchema = z.object({ ratings: z.array(z.unknown()).min(1).max(1000) });

export const ratingsResultSchema = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int().describe('this rater has graded this dimension of this answer before'),
  rejected: z.array(z.object({ index: z.number().int(), error: z.string() })),
});
export type RatingsResult = z.infer<typeof ratingsResultSchema>;

export const ratingListSchema = z.object({
  ratings: z.array(
    z.object({
      interaction: z.string(),
      at: z.string(),
      rater: z.string(),
      dimension: z.string(),
      value: z.number(),
      comment: z.string(),
      cost_usd: z.string().nullable(),
    }),
  ),
});

const number = z.number().nullable();
export const agreementSchema = z.object({
  dimensions: z.array(
    z.object({
      dimension: z.string(),
      ratings: z.number().int(),
      raters: z.number().int(),
      shared: z.number().int(),
      mean: number,
      alpha: number.describe("Krippendorff's, ordinal for 1 to 5"),
      kappa: number.describe("Cohen's, between exactly two raters"),
    }),
  ),
  judges: z.record(
    z.string(),
    z.object({
      agreement: number,
      kappa: number,
      corrected_mean: number,
      interval: share.nullable(),
      judge_mean: number,
      items: z.number().int(),
      labelled: z.number().int(),
      labels_saved: number,
    }),
  ),
  queue: z.object({ open: z.number().int(), done: z.number().int() }),
  cost_usd: z.string().describe('paid for all ratings'),
  cost_per_rating_usd: z.string().nullable(),
  ratings_by_day: z
    .array(z.object({ day: z.string(), ratings: z.number().int() }))
    .describe('cadence, UTC days'),
});
export type Agreement = z.infer<typeof agreementSchema>;
