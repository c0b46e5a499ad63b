// The spec of a provider: from a canonical request and a target to a canonical answer. Each folder beside this file is one provider.
import type { CanonicalRequest, CanonicalResponse, StreamChunk } from '../contract/canonical.ts';
import type { UsageDetail } from '../contract/usage.ts';

/** Milliseconds; each is its own deadline. */
export interface Timeouts {
  readonly connect: number;
  readonly firstByte: number;
  readonly idle: number;
  readonly total: number;
}

/** One deployment of one model: where a call goes. */
export interface Target {
  /** Name of the provider in models.yaml. */
  readonly provider: string;
  /** The model name the vendor knows. */
  readonly upstreamModel: string;
  readonly baseUrl: string;
  /** The credential; never logged. Undefined for servers that need none. */
  readonly apiKey?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the provider kind understands beside (API version, recording file, dialect). */
  readonly options: Readonly<Record<string, unknown>>;
  readonly timeouts: Timeouts;
  /** Whether its address may be private (loopback, a local network). Default: refused. */
  readonly allowPrivate?: boolean;
}

export interface CallContext {
  /** Aborts the call (client gone and drain cap reached, shutdown). */
  readonly signal: AbortSignal;
}

/** Facts of the answer's head that are recorded or passed on (allow-listed headers, lower-case). */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export type ProviderAnswer =
  | { readonly kind: 'response'; readonly head: AnswerHead; readonly response: CanonicalResponse }
  /**
   * Each item is what arrived together. Throws an UpstreamError for a cut, an error inside or a timeout; a normal end means that the
   * vendor's own end mark was seen.
   */
  | {
      readonly kind: 'stream';
      readonly head: AnswerHead;
      readonly chunks: AsyncIterable<readonly StreamChunk[]>;
    };

export interface EmbeddingsRequest {
  readonly inputs: readonly string[];
  readonly dimensions?: number;
  readonly endUser?: string;
}

export interface EmbeddingsAnswer {
  readonly vectors: readonly (readonly number[])[];
  readonly model: string;
  readonly usage: UsageDetail | null;
}

export interface Provider {
  /** The `kind` in models.yaml. */
  readonly kind: string;
  /** Throws an UpstreamError, or a RequestError naming the parameter the vendor can't do. */
  chat(request: CanonicalRequest, target: Target, context: CallContext): Promise<ProviderAnswer>;
  /** Absent where the vendor has no embeddings. */
  embed?(request: EmbeddingsRequest, target: Target, context: CallContext): Promise<EmbeddingsAnswer>;
}
