// Formats that are only read, never spoken: recorded answers of vendors without a provider here.
import type { CanonicalResponse, FinishReason, Part } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import type { UsageDetail } from '../../contract/usage.ts';
import { isRecord, parseOrUndefined, type JsonRecord } from '../read-json.ts';
import type { EventPayload, StreamReader } from '../shape.ts';

/** The reading half of an OutboundShape. */
export interface AnswerReader {
  /** Throws an UpstreamError for an error inside and for what is not the format. */
  readResponse(text: string, provider: string): CanonicalResponse;
  streamReader(provider: string): StreamReader;
}

export function notTheFormat(provider: string, what: string): UpstreamError {
  return new UpstreamError({ kind: 'bad_answer', provider, message: `${provider}: ${what}.` });
}

/** What a vendor's finish word is by its table. */
export function reasonIn(reasons: Readonly<Record<string, FinishReason>>, word: string): FinishReason {
  return Object.hasOwn(reasons, word) ? (reasons[word] as FinishReason) : 'unknown';
}

/** An answer of one choice that does not say which model gave it, nor when. */
export function onlyChoice(
  id: string,
  parts: readonly Part[],
  finish: { readonly reason: FinishReason; readonly word: string },
  usage: UsageDetail | null,
): CanonicalResponse {
  const choice = { index: 0, parts, finishReason: finish.reason, nativeFinishReason: finish.word };
  return { id, model: '', created: 0, choices: [choice], usage };
}

/** One event of a stream. */
export function readEvent(payload: EventPayload, provider: string): JsonRecord {
  const body = parseOrUndefined(payload.data);
  if (!isRecord(body)) throw notTheFormat(provider, 'an event of its stream is not JSON');
  return body;
}
