// Bodies of the console API, for the console that writes them and for whoever reads them (page, command line, scripts). Times are ISO 8601
// in UTC, durations milliseconds (`_ms`), money US$ as decimal strings (`_usd`, null where no price is known), tokens counts.
import { z } from 'zod';
import { attemptSchema, findingSchema, interactionStatusSchema } from './interaction.ts';
import { usageSchema } from './usage.ts';

const usd = z.string().nullable().describe('US$, exact decimal; null where a price is not known');
const time = z.string().describe('ISO 8601, UTC');
const milliseconds = z.number().describe('milliseconds');

export const apiErrorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    code: z.string(),
    param: z.string().nullable(),
  }),
});

export const interactionSummarySchema = z.object({
  id: z.string(),
  at: time,
  status: interactionStatusSchema,
  http_status: z.number().int(),
  error_kind: z.string(),
  prompt: z.string().describe('name of the managed prompt; empty when none'),
  version: z.string(),
  variant: z.string(),
  model: z.string(),
  provider: z.string(),
  route: z.string().describe('why this model'),
  key: z.string().describe('id of the key; empty where the gateway runs without keys'),
  user: z.string(),
  session: z.string(),
  tags: z.array(z.string()),
  workload: z.string(),
  shape: z.string(),
  streamed: z.boolean(),
  cache: z.string(),
  finish_reason: z.string(),
  usage: usageSchema.nullable().describe('tokens in disjoint classes'),
  cost_usd: usd,
  saved_usd: usd,
  latency_ms: milliseconds,
  ttft_ms: milliseconds.nullable(),
  simulated: z.boolean().describe('answered by a provider that replays recorded answers'),
});
export type InteractionSummary = z.infer<typeof interactionSummarySchema>;

export const interactionPageSchema = z.object({
  interactions: z.array(interactionSummarySchema),
  next_cursor: z.string().nullable().describe('give it as `cursor` for the next page; null at the end'),
});
export type InteractionPage = z.infer<typeof interactionPageSchema>;

export const interactionDetailSchema = interactionSummarySchema.extend({
  error_message: z.string(),
  fingerprint: z.string(),
  answered_model: z.string(),
  response_characters: z.number().int(),
  refused: z.boolean(),
  sensitive: z.boolean(),
  not_scanned: z.array(z.string()),
  guardrail_scores: z.record(z.string(), z.number()),
  request_payload: z.string().describe('JSON text; empty where it is not stored'),
  response_payload: z.string().describe('JSON text; empty where it is not stored'),
  attempts: z.array(attemptSchema),
  findings: z.array(findingSchema),
  feedback: z.array(
    z.object({
      id: z.string(),
      at: time,
      thumb: z.enum(['up', 'down']).nullable(),
      rating: z.number().int().nullable(),
      comment: z.string(),
      task_completed: z.boolean().nullable(),
      labels: z.array(z.string()),
    }),
  ),
  scores: z.array(
    z.object({
      id: z.string(),
      at: time,
      scorer: z.string(),
      score: z.number().nullable(),
      reason: z.string(),
      cost_usd: usd,
    }),
  ),
  ratings: z.array(
    z.object({
      id: z.string(),
      at: time,
      rater: z.string(),
      dimension: z.string(),
      value: z.number(),
      comment: z.string(),
    }),
  ),
});
export type InteractionDetail = z.infer<typeof interactionDetailSchema>;

export const periodSchema = z.object({
  from: time,
  to: time.describe('exclusive'),
  time_zone: z.string(),
});

export const costLineSchema = z.object({
  /** The day, or the name of the model, prompt, version, user or key. */
  group: z.string(),
  requests: z.number().int().describe('interactions in the period'),
  unpriced_requests: z.number().int().describe('of these, without a known price: they are in no sum'),
  input_tokens: z.number().int().describe('input without cache reads and writes'),
  cache_read_tokens: z.number().int(),
  cache_write_tokens: z.number().int(),
  output_tokens: z.number().int().describe('output without reasoning'),
  reasoning_tokens: z.number().int(),
  cost_usd: z.string().describe('US$, exact sum of the priced requests in the period'),
  saved_usd: z.string().describe('US$ saved by the cache in the period'),
});
export type CostLine = z.infer<typeof costLineSchema>;

export const COST_GROUPS = ['day', 'model', 'prompt', 'version', 'user', 'key'] as const;

export const costReportSchema = z.object({
  by: z.enum(COST_GROUPS),
  period: periodSchema,
  lines: z.array(costLineSchema),
  total: costLineSchema,
  truncated: z
    .boolean()
    .describe('whether groups beyond the limit were left out of `lines` (never of `total`)'),
});
export type CostReport = z.infer<typeof costReportSchema>;

export const healthSchema = z.object({
  status: z.enum(['ok', 'degraded']),
  faults: z.array(z.string()).describe('one sentence a fault, with what to do'),
  snapshot: z.object({
    version: z.string().nullable(),
    compiled_at: time.nullable(),
    errors: z.array(z.string()),
  }),
  ledger: z.object({ state: z.enum(['ready', 'starting', 'down']), restarts: z.number().int() }),
  spool: z.object({
    last_push_at: time.nullable(),
    lag_ms: milliseconds
      .nullable()
      .describe('age of the newest push not yet in the ledger; 0 when caught up'),
    rejected: z.number().int().describe('pushes that failed since the start'),
    foreign_feedback: z
      .number()
      .int()
      .describe("feedback left out since the start: another key than its interaction's sent it"),
  }),
  workers: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['idle', 'running', 'wedged', 'failed']),
      last_ended_at: time.nullable(),
      running_ms: milliseconds.nullable(),
      error: z.string(),
    }),
  ),
});
export type Health = z.infer<typeof healthSchema>;

export const importResultSchema = z.object({
  accepted: z.number().int().describe('lines now in the ledger that were not before'),
  duplicates: z.number().int().describe('lines whose interaction was there already'),
  rejected: z.array(z.object({ index: z.number().int(), error: z.string() })),
});
export type ImportResult = z.infer<typeof importResultSchema>;

export const promptSummarySchema = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()).describe('label → version'),
  versions: z.array(z.string()).describe('newest first'),
});

export const promptVersionSchema = z.object({
  prompt_id: z.string(),
  name: z.string(),
  version: z.string(),
  labels: z.array(z.string()),
  model: z.string(),
  system_prompt: z.string().nullable(),
  user_prompt_template: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()),
  digest: z.string().describe('SHA-256 of the serving content'),
  commit: z.string().nullable(),
});

export const modelSchema = z.object({
  id: z.string(),
  deployments: z.array(z.object({ provider: z.string(), upstream_model: z.string() })),
  fallbacks: z.array(z.string()),
  tags: z.array(z.string()),
  simulated: z.boolean(),
  priced: z.boolean().describe('whether any price is known; an unpriced model costs null, never 0'),
});
