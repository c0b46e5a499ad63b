// The rows that travel spool → console → ledger. A begin row is written before the upstream call; an end row carries the whole
// interaction; later facts are rows of their own, keyed by interaction id. Names are the ledger's column names.
import { z } from 'zod';
import { usageSchema } from './usage.ts';

const milliseconds = z.number();
/** A decimal string of US$, null where no price is known. */
const usd = z.string().nullable();

export const attemptSchema = z.object({
  id: z.string(),
  provider: z.string(),
  /** Id of models.yaml. */
  model: z.string(),
  /** What the vendor was asked for, and what it said it was. */
  upstream_model: z.string(),
  answered_model: z.string().nullable(),
  fingerprint: z.string().nullable(),
  started_at: milliseconds,
  latency_ms: z.number(),
  ttft_ms: z.number().nullable(),
  http_status: z.number().int().nullable(),
  error_kind: z.string().nullable(),
  usage: usageSchema.nullable(),
  /** `reported` by the vendor, `estimated` by us, `reserved`: the reservation kept, `none`. */
  usage_source: z.enum(['reported', 'estimated', 'reserved', 'none']),
  cost_usd: usd,
});
export type Attempt = z.infer<typeof attemptSchema>;

export const findingSchema = z.object({
  guardrail: z.string(),
  /** `EMAIL_ADDRESS`, `injection`, … never the matched text itself. */
  type: z.string(),
  direction: z.enum(['input', 'output']),
  /** UTF-16 offsets in the scanned text. */
  start: z.number().int(),
  end: z.number().int(),
  score: z.number(),
  action: z.enum(['allow', 'flag', 'redact', 'block']),
  /** Which message or choice was scanned. */
  place: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;

export const interactionStatusSchema = z.enum(['ok', 'error', 'blocked', 'interrupted', 'disconnected']);

/** What is known when an interaction begins. */
export const beginRowSchema = z.object({
  row: z.literal('begin'),
  id: z.string(),
  at: milliseconds,
  workspace: z.string(),
  /** Id of the key; empty where the gateway runs without keys. */
  key: z.string(),
  shape: z.string(),
  streamed: z.boolean(),
  prompt: z.string(),
  version: z.string(),
  variant: z.string(),
  model: z.string(),
  route: z.string(),
  end_user: z.string(),
  session: z.string(),
  tags: z.array(z.string()),
  workload: z.enum(['interactive', 'batch']),
  sensitive: z.boolean(),
  reserved_usd: usd,
});
export type BeginRow = z.infer<typeof beginRowSchema>;

/** A finished interaction, whole. */
export const endRowSchema = beginRowSchema.omit({ row: true }).extend({
  row: z.literal('end'),
  ended_at: milliseconds,
  status: interactionStatusSchema,
  http_status: z.number().int(),
  /** `api_error`, `timeout`, `rate_limited`, `client_error`, `guardrail`, … empty when none. */
  error_kind: z.string(),
  error_message: z.string(),
  provider: z.string(),
  answered_model: z.string(),
  fingerprint: z.string(),
  finish_reason: z.string(),
  cache: z.enum(['hit', 'miss', 'off']),
  usage: usageSchema.nullable(),
  /** Sum over attempts; null when one of them has no known price. */
  cost_usd: usd,
  /** What a cache hit saved. */
  saved_usd: usd,
  latency_ms: z.number(),
  ttft_ms: z.number().nullable(),
  response_characters: z.number().int(),
  refused: z.boolean(),
  attempts: z.array(attemptSchema),
  findings: z.array(findingSchema),
  /** Guardrail scores by name (groundedness, toxicity, …) and what was not scanned. */
  scores: z.record(z.string(), z.number()),
  not_scanned: z.array(z.string()),
  /** JSON text of the request's messages and the answer, as the privacy setting allows; empty when not stored. */
  request_payload: z.string(),
  response_payload: z.string(),
});
export type EndRow = z.infer<typeof endRowSchema>;

export const feedbackRowSchema = z.object({
  row: z.literal('feedback'),
  id: z.string(),
  at: milliseconds,
  interaction: z.string(),
  key: z.string(),
  thumb: z.enum(['up', 'down']).nullable(),
  rating: z.number().int().min(1).max(5).nullable(),
  comment: z.string(),
  task_completed: z.boolean().nullable(),
  labels: z.array(z.string()),
});
export type FeedbackRow = z.infer<typeof feedbackRowSchema>;

export const scoreRowSchema = z.object({
  row: z.literal('score'),
  id: z.string(),
  at: milliseconds,
  interaction: z.string(),
  /** `rouge-l`, `judge:helpfulness`, … */
  scorer: z.string(),
  /** 0..1; null where the scorer could not say. */
  score: z.number().min(0).max(1).nullable(),
  reason: z.string(),
  cost_usd: usd,
});
export type ScoreRow = z.infer<typeof scoreRowSchema>;

export const ratingRowSchema = z.object({
  row: z.literal('rating'),
  id: z.string(),
  at: milliseconds,
  interaction: z.string(),
  rater: z.string(),
  dimension: z.string(),
  /** 1..5, or 0 / 1 for a yes/no dimension. */
  value: z.number(),
  comment: z.string(),
  cost_usd: usd,
});
export type RatingRow = z.infer<typeof ratingRowSchema>;

export const spoolRowSchema = z.discriminatedUnion('row', [
  beginRowSchema,
  endRowSchema,
  feedbackRowSchema,
  scoreRowSchema,
  ratingRowSchema,
]);
export type SpoolRow = z.infer<typeof spoolRowSchema>;
