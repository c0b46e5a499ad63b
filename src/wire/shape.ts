// The spec of an API shape: pure translators between a vendor's wire format and the canonical form, in both directions. Folders beside
// this file are one shape each. `inbound` faces the application (read its request, write our answer); `outbound` faces the vendor (write
// our request, read its answer). No I/O, no clock.
import type { ApiShape, CanonicalRequest, CanonicalResponse, StreamChunk } from '../contract/canonical.ts';
import type { BinnacleError } from '../kernel/errors.ts';

/** One server-sent event's payload. */
export interface EventPayload {
  readonly event?: string;
  readonly data: string;
}

/** What a writer puts into an answer beside the canonical content. */
export interface AnswerFacts {
  readonly interaction: string;
  /** Id of models.yaml the caller asked for or the router chose. */
  readonly model: string;
  /** Seconds since the epoch, UTC. */
  readonly created: number;
  readonly includeUsage: boolean;
}

/** Writes one stream as SSE text. The pieces it returns are sent as they are. */
export interface StreamWriter {
  /** SSE text for a chunk; may be empty. `native` of the same shape is emitted verbatim. */
  write(chunk: StreamChunk): string;
  /** What must come before the end mark (a final usage event, say). */
  finish(): string;
  /** The end mark (`data: [DONE]`, `message_stop`), sent only after the interaction is recorded. */
  endMark(): string;
  /** An explicit error event for a stream that can't be completed; never followed by `endMark`. */
  error(error: BinnacleError): string;
}

export interface InboundShape {
  readonly shape: ApiShape;
  /** Reads a parsed JSON body. Throws a RequestError with `param` for anything malformed. */
  readRequest(body: unknown): CanonicalRequest;
  /** The JSON text of a complete answer. */
  writeResponse(response: CanonicalResponse, facts: AnswerFacts): string;
  streamWriter(facts: AnswerFacts): StreamWriter;
  /** The JSON text of an error body in this shape. */
  writeError(error: BinnacleError): string;
}

export interface StreamReader {
  /** Reads one payload. Throws an UpstreamError for an error event or garbage. */
  read(payload: EventPayload): StreamChunk;
  /** Called at the end of the bytes: throws an UpstreamError of kind `cut_stream` when the vendor's end mark was not seen. */
  end(): void;
}

export interface OutboundShape {
  readonly shape: ApiShape;
  /** The JSON text of the vendor's request. Throws a RequestError naming a parameter the shape can't carry. */
  writeRequest(request: CanonicalRequest, upstreamModel: string): string;
  /** Reads a 200 body. Throws an UpstreamError `bad_answer` for what is not the documented format. */
  readResponse(text: string, provider: string): CanonicalResponse;
  streamReader(provider: string): StreamReader;
  /** Reads an error body; undefined fields where it says nothing. */
  readError(text: string): { readonly message?: string; readonly code?: string; readonly param?: string };
}
