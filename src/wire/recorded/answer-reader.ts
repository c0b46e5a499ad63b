// Formats that are only read, never spoken: recorded answers of vendors without a provider here.
import type { CanonicalResponse } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import type { StreamReader } from '../shape.ts';

/** The reading half of an OutboundShape. */
export interface AnswerReader {
  /** Throws an UpstreamError for an error inside and for what is not the format. */
  readResponse(text: string, provider: string): CanonicalResponse;
  streamReader(provider: string): StreamReader;
}

export function notTheFormat(provider: string, what: string): UpstreamError {
  return new UpstreamError({ kind: 'bad_answer', provider, message: `${provider}: ${what}.` });
}
