// The state of one request on its way: what came in, what the stages decided, what went out. Each stage reads what stands before it
// and adds its own part; the record stage turns the whole into the interaction's rows.
import type { CanonicalRequest, CanonicalResponse, Message, StreamChunk } from '../contract/canonical.ts';
import type { Attempt, Finding } from '../contract/interaction.ts';
import type { KeySnapshot, PromptVersion } from '../contract/snapshot.ts';
import type { UsageDetail } from '../contract/usage.ts';
import type { BinnacleError } from '../kernel/errors.ts';
import type { Usd } from '../kernel/money.ts';
import type { AnswerHead, EmbeddingsAnswer } from '../providers/provider.ts';
import type { InboundShape } from '../wire/shape.ts';
import type { BudgetHold } from '../limits/budget-keeper.ts';
import type { RateHold } from '../limits/rate-keeper.ts';
import type { Vocabulary } from '../models/tokens.ts';
import type { DeploymentState } from '../routing/deployment-board.ts';
import type { Screening } from './guard/screening.ts';
import type { Asker } from '../safety/guardrail.ts';
import type { ReplySurface } from './reply.ts';
import type { ServingSnapshot } from './serving-snapshot.ts';

/** What the client sent beside the body, reduced to what stages may see. */
export interface ClientFacts {
  /** The secret of `Authorization: Bearer` or `x-api-key`; empty when none. Never recorded, logged or passed on. */
  readonly credential: string;
  /** The connection it came on; what it last showed is kept with it. */
  readonly connection: object;
  readonly idempotencyKey: string | null;
  /** `x-binnacle-cache: off` and its like. Lower-case names, allow-listed. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Which model serves and why. */
export interface RouteDecision {
  /** Id of models.yaml. */
  readonly model: string;
  /** Printable ASCII, one line: stands in `x-binnacle-route`. */
  readonly reason: string;
}

/** A stream that has shown its first content (or its end): `held` came before and with it (null once it was taken), `rest` follows. */
export interface PrimedStream {
  held: readonly StreamChunk[] | null;
  readonly rest: AsyncIterator<readonly StreamChunk[]>;
}

export type Answer =
  | { readonly kind: 'response'; readonly head: AnswerHead; readonly response: CanonicalResponse }
  | { readonly kind: 'stream'; readonly head: AnswerHead; readonly stream: PrimedStream }
  | { readonly kind: 'embeddings'; readonly head: AnswerHead; readonly embeddings: EmbeddingsAnswer };

/** How it ended; set once, before the `complete` hooks run. */
export type Outcome =
  | { readonly status: 'ok' }
  | { readonly status: 'error'; readonly error: BinnacleError }
  | { readonly status: 'blocked'; readonly error: BinnacleError }
  /** The client left before the answer was whole. */
  | { readonly status: 'disconnected' };

/** What is known of the answer's content once it went by, streamed or not. */
export interface AnswerSummary {
  text: string;
  refusal: string;
  toolCalls: { name: string; arguments: string }[];
  finishReason: string;
  model: string | null;
  fingerprint: string | null;
  usage: UsageDetail | null;
  /** Milliseconds from the request's arrival to its first content byte. */
  ttftMs: number | null;
}

export interface Exchange {
  /** Its own; the first one's where an idempotent request is answered again. */
  id: string;
  /** What is asked for; embeddings carry each input as a user message, so that limits and guardrails see them. */
  readonly kind: 'chat' | 'embeddings';
  /** The path that was called: `/v1/chat/completions`. */
  readonly endpoint: string;
  readonly shape: InboundShape;
  readonly snapshot: ServingSnapshot;
  readonly client: ClientFacts;
  readonly reply: ReplySurface;
  /** Wall and monotonic milliseconds of the arrival. */
  arrivedAt: number;
  readonly arrivedMonotonic: number;
  /** Aborts the upstream call: client gone and drain cap reached, or shutdown. */
  readonly abort: AbortController;

  /** Replaced, never changed, by stages that render, redact or fill in. */
  request: CanonicalRequest;
  /** Body bytes received. */
  readonly requestBytes: number;
  embeddingDimensions: number | null;

  key: KeySnapshot | null;
  /** For whom a guardrail asks this: it counts in that request's budgets. Null for what callers themselves ask. */
  asker: Asker | null;
  prompt: PromptVersion | null;
  /** `experiment:variant` or `rollout:candidate`, empty outside of them. */
  variant: string;
  /** What the caller's question is: routing and replay go by it, not by the rendered text. */
  question: string;
  /** What groundedness is measured against: the value of the prompt's context variable. */
  context: string | null;
  route: RouteDecision | null;
  sensitive: boolean;
  tags: readonly string[];
  workload: 'interactive' | 'batch';
  cache: 'hit' | 'miss' | 'off';
  /** The most the present attempt may cost. */
  reservedUsd: Usd | null;
  /** What budgets hold for it; null where none concerns it. */
  budget: BudgetHold | null;
  /** What it took of rate limits; null where none concerns it. */
  rates: RateHold | null;
  /** Tokens of the texts of these messages, once they are counted. */
  counted: {
    readonly messages: readonly Message[];
    readonly vocabulary: Vocabulary;
    readonly tokens: number;
  } | null;
  /** The deployment that is answering, until the answer is whole. */
  deployment: DeploymentState | null;
  /** Headers of limits and replays, flat: name, value, … */
  replyHeaders: string[];

  attempts: Attempt[];
  /** What stages keep of it from hook to hook, each for itself; null: nothing. */
  notes: Map<object, unknown> | null;
  /** Set once guardrails have looked at the request. */
  screening: Screening | undefined;
  findings: Finding[];
  scores: Record<string, number>;
  notScanned: string[];

  /** Answered again under its idempotency key: it is recorded already. */
  isReplay: boolean;
  /** The begin row is out: an end row must follow. */
  begun: boolean;
  answer: Answer | null;
  summary: AnswerSummary;
  outcome: Outcome | null;
  /** Sum over attempts; null when one of them has no known price. */
  costUsd: Usd | null;
  savedUsd: Usd | null;
}

export function emptySummary(): AnswerSummary {
  return {
    text: '',
    refusal: '',
    toolCalls: [],
    finishReason: '',
    model: null,
    fingerprint: null,
    usage: null,
    ttftMs: null,
  };
}

/** What one exchange has that another has not when it begins. */
export type Arrival = Pick<
  Exchange,
  | 'id'
  | 'kind'
  | 'endpoint'
  | 'shape'
  | 'snapshot'
  | 'client'
  | 'reply'
  | 'arrivedAt'
  | 'arrivedMonotonic'
  | 'request'
  | 'requestBytes'
  | 'question'
>;

const NO_TAGS: readonly string[] = [];

/** Names each field: an object put together from others costs the engine a multiple, and one is made for each request. */
export function newExchange(arrival: Arrival): Exchange {
  return {
    id: arrival.id,
    kind: arrival.kind,
    endpoint: arrival.endpoint,
    shape: arrival.shape,
    snapshot: arrival.snapshot,
    client: arrival.client,
    reply: arrival.reply,
    arrivedAt: arrival.arrivedAt,
    arrivedMonotonic: arrival.arrivedMonotonic,
    abort: new AbortController(),
    request: arrival.request,
    requestBytes: arrival.requestBytes,
    embeddingDimensions: null,
    key: null,
    asker: null,
    prompt: null,
    variant: '',
    question: arrival.question,
    context: null,
    route: null,
    sensitive: false,
    tags: NO_TAGS,
    workload: 'interactive',
    cache: 'off',
    reservedUsd: null,
    budget: null,
    rates: null,
    counted: null,
    deployment: null,
    replyHeaders: [],
    attempts: [],
    notes: null,
    screening: undefined,
    findings: [],
    scores: {},
    notScanned: [],
    isReplay: false,
    begun: false,
    answer: null,
    summary: emptySummary(),
    outcome: null,
    costUsd: null,
    savedUsd: null,
  };
}
