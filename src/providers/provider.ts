// The spec of a provider: from a canonical request and a target to a canonical answer. Each folder beside this file is one provider.
import type { CanonicalRequest, CanonicalResponse, StreamChunk } from '../contract/canonical.ts';
import type { UsageDetail } from '../contract/usage.ts';

/** Why an upstream call failed; decides retry, fallback, and which `error_rate` kind it counts as. */
export type UpstreamErrorKind =
  | 'connect' // refused, reset before an answer, name not found
  | 'timeout' // connect, first byte, idle or total
  | 'rate_limited' // 429
  | 'overloaded' // 503, 529
  | 'server_error' // other 5xx
  | 'bad_answer' // not the documented format, wrong length, 200 with an error inside
  | 'cut_stream' // the stream ended before its end mark
  | 'authentication' // 401, 403: our key is wrong
  | 'invalid_request' // 400, 404, 413, 422: the caller's fault
  | 'content_filter'; // the vendor refused on content

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
