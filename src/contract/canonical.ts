// The one form in which a model request, its answer and its stream exist inside: every API shape is read into it and every provider
// is written from it; guardrails, cache and recording see only this.
//
// Fidelity: what was read from a vendor's form may carry that form along as `native`. A writer of the same shape emits `native` as it
// stands; whoever changes a message, a part or a chunk drops its `native`, and the writer builds it anew.
import type { UsageDetail } from './usage.ts';

/** The API shapes spoken on the wire, in either direction. */
export type ApiShape = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'google-generate-content';

export interface Native {
  readonly shape: ApiShape;
  readonly value: unknown;
}

/** A prompt-caching mark: the prefix up to here may be cached by the vendor. */
export interface CacheMark {
  readonly ttl?: '5m' | '1h';
}

interface PartBase {
  readonly native?: Native;
  readonly cacheMark?: CacheMark;
}

/** Where the bytes of an image or a document are. */
export type MediaSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'file-id'; readonly id: string };

export type Part =
  | (PartBase & { readonly type: 'text'; readonly text: string })
  | (PartBase & { readonly type: 'image'; readonly source: MediaSource; readonly detail?: string })
  | (PartBase & { readonly type: 'document'; readonly source: MediaSource; readonly filename?: string })
  | (PartBase & { readonly type: 'audio'; readonly format: string; readonly data: string })
  | (PartBase & { readonly type: 'refusal'; readonly text: string })
  | (PartBase & {
      readonly type: 'reasoning';
      readonly text: string;
      readonly signature?: string;
      readonly redacted?: string;
    })
  /** `arguments` is JSON text, as the model wrote it. */
  | (PartBase & {
      readonly type: 'tool-call';
      readonly id: string;
      readonly name: string;
      readonly arguments: string;
    })
  | (PartBase & {
      readonly type: 'tool-result';
      readonly id: string;
      readonly parts: readonly Part[];
      readonly isError?: boolean;
    })
  /** Something only the vendor of its shape understands (a server tool's result, say). Needs `native`. */
  | (PartBase & { readonly type: 'opaque'; readonly native: Native });

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

export interface Message {
  readonly role: Role;
  readonly parts: readonly Part[];
  readonly name?: string;
  readonly native?: Native;
}

export type Tool =
  | {
      readonly type: 'function';
      readonly name: string;
      readonly description?: string;
      /** JSON Schema of the arguments. */
      readonly parameters?: unknown;
      readonly strict?: boolean;
      readonly native?: Native;
      readonly cacheMark?: CacheMark;
    }
  /** A tool the vendor itself runs (web search, code execution): only its own shape can pass it on. */
  | { readonly type: 'vendor'; readonly name: string; readonly native: Native };

export type ToolChoice =
  { readonly type: 'auto' | 'none' | 'required' } | { readonly type: 'tool'; readonly name: string };

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema';
      readonly name: string;
      readonly schema: unknown;
      readonly strict?: boolean;
      readonly description?: string;
    };

export interface ReasoningRequest {
  /** `none`, `minimal`, `low`, `medium`, `high`, … as the vendor names it. */
  readonly effort?: string;
  readonly budgetTokens?: number;
  /** Whether thoughts or their summary are wanted in the answer. */
  readonly summary?: string;
}

/** A managed prompt named by the request. */
export interface PromptReference {
  readonly id: string;
  /** A version ("3.2") or a label ("staging"); absent: `production` as the live rollout or experiment decides. */
  readonly version?: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface CanonicalRequest {
  /** The shape it arrived in. */
  readonly shape: ApiShape;
  /** An id of models.yaml or `auto`; undefined where a managed prompt names it. */
  readonly model?: string;
  readonly prompt?: PromptReference;
  readonly messages: readonly Message[];
  readonly stream: boolean;
  /** Whether the caller of a stream wants the usage event (OpenAI's `stream_options.include_usage`). */
  readonly includeUsage?: boolean;
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly responseFormat?: ResponseFormat;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  /** How many choices. */
  readonly count?: number;
  readonly reasoning?: ReasoningRequest;
  /** The end user (`user`, Anthropic's `metadata.user_id`). */
  readonly endUser?: string;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Parameters of the arriving shape that have no field here, by name as they arrived. A provider of the same shape passes them on;
   * any other answers 400 naming them.
   */
  readonly extra: Readonly<Record<string, unknown>>;
  /** Unfinished features of Anthropic's API that the caller turns on (`anthropic-beta`). A provider of the same shape passes them on. */
  readonly betas?: readonly string[];
  /**
   * The end user's question, apart from the text it was rendered into (the managed prompt's `question` variable). Set by whoever
   * renders the prompt; absent, the last user message is the question.
   */
  readonly question?: string;
  /**
   * The parsed body as it arrived. A writer of the same shape looks up in it only what no field above can tell (which of two spellings
   * of a parameter was used); it never overrides a field.
   */
  readonly native?: Native;
}

export type FinishReason =
  'stop' | 'length' | 'tool-calls' | 'content-filter' | 'refusal' | 'pause' | 'error' | 'unknown';

export interface Choice {
  readonly index: number;
  readonly parts: readonly Part[];
  readonly finishReason: FinishReason;
  /** The vendor's own word for the finish reason. */
  readonly nativeFinishReason?: string;
}

export interface CanonicalResponse {
  readonly id: string;
  /** The model name as the vendor answered it. */
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly choices: readonly Choice[];
  /** Null where the vendor sent none. */
  readonly usage: UsageDetail | null;
  /** The vendor's build or configuration mark (OpenAI's `system_fingerprint`). */
  readonly fingerprint?: string;
  /** `value` is the parsed body; dropped by whoever changes a choice. */
  readonly native?: Native;
  /** The body's own bytes as text beside `native`, so that a writer of the same shape need not serialise it again. */
  readonly nativeText?: string;
}

export type CanonicalEvent =
  | {
      readonly type: 'start';
      readonly id: string;
      readonly model: string;
      readonly created: number;
      readonly fingerprint?: string;
    }
  | { readonly type: 'text-delta'; readonly choice: number; readonly text: string }
  | { readonly type: 'refusal-delta'; readonly choice: number; readonly text: string }
  | {
      readonly type: 'reasoning-delta';
      readonly choice: number;
      readonly text: string;
      readonly signature?: string;
      readonly redacted?: string;
    }
  /** `call` counts tool calls of the choice from 0. */
  | {
      readonly type: 'tool-call-start';
      readonly choice: number;
      readonly call: number;
      readonly id: string;
      readonly name: string;
    }
  | {
      readonly type: 'tool-call-delta';
      readonly choice: number;
      readonly call: number;
      readonly arguments: string;
    }
  /** Something only a writer of the same shape understands; its chunk's `native` holds it. */
  | { readonly type: 'opaque' }
  | { readonly type: 'usage'; readonly usage: UsageDetail }
  | {
      readonly type: 'finish';
      readonly choice: number;
      readonly reason: FinishReason;
      readonly nativeReason?: string;
    };

/** One event payload of a vendor's stream: what it says, and the payload itself for a writer of the same shape. */
export interface StreamChunk {
  readonly events: readonly CanonicalEvent[];
  readonly native?: { readonly shape: ApiShape; readonly event?: string; readonly data: string };
}

/** Whether an event is content: once one was sent to the client, the stream is committed and never falls over. */
export function isContent(event: CanonicalEvent): boolean {
  return (
    event.type === 'text-delta' ||
    event.type === 'refusal-delta' ||
    event.type === 'reasoning-delta' ||
    event.type === 'tool-call-start' ||
    event.type === 'tool-call-delta'
  );
}
