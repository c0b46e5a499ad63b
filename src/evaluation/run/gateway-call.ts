// One call of a run to the gateway, and what came of it: the seam between the runner and whatever serves.
import { z } from 'zod';
import { attemptSchema, findingSchema, type Attempt } from '../../contract/interaction.ts';
import { usageSchema } from '../../contract/usage.ts';

/** A managed prompt under a label, or a judge's own messages on a model. */
export type GatewayQuestion =
  | {
      readonly kind: 'prompt';
      readonly prompt: string;
      readonly label: string;
      readonly variables: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'messages';
      readonly model: string;
      readonly text: string;
      readonly temperature: number;
      readonly maxTokens: number;
    };

export interface GatewayCall {
  readonly question: GatewayQuestion;
  /** Stand on the interaction, so that it can be told from live traffic. */
  readonly tags: readonly string[];
  readonly signal: AbortSignal;
}

/** What is measured of an interaction that was answered or blocked. */
const measures = z.object({
  interaction: z.string(),
  model: z.string(),
  route: z.string(),
  /** Every upstream call, each priced. */
  attempts: z.array(attemptSchema),
  findings: z.array(findingSchema),
  usage: usageSchema.nullable(),
  /** Decimal string of US$; null where no price is known. */
  cost_usd: z.string().nullable(),
  latency_ms: z.number(),
  ttft_ms: z.number().nullable(),
});

/** What may stand for a new call: it was paid for and came to an end. Blocked: a guardrail let nothing out; never a score. */
export const finishedCallSchema = z.discriminatedUnion('status', [
  measures.extend({ status: z.literal('answered'), text: z.string() }),
  measures.extend({ status: z.literal('blocked'), message: z.string() }),
]);
export type FinishedCall = z.infer<typeof finishedCallSchema>;

export type CallOutcome =
  | FinishedCall
  | {
      readonly status: 'failed';
      readonly interaction: string | null;
      readonly attempts: readonly Attempt[];
      readonly cost_usd: string | null;
      readonly code: string;
      readonly message: string;
      readonly isRetryable: boolean;
      readonly retryAfterMs: number | null;
    }
  /** Not asked: it could have gone over the ceiling. */
  | { readonly status: 'over_ceiling'; readonly message: string };

export type AskGateway = (call: GatewayCall) => Promise<CallOutcome>;

export function isFinished(outcome: CallOutcome): outcome is FinishedCall {
  return outcome.status === 'answered' || outcome.status === 'blocked';
}
