// Reads a vendor's complete answer of the Responses API.
import type { CanonicalResponse, FinishReason, Part } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import { errorInside } from '../openai-chat/read-response.ts';
import { isRecord, listOf, parseOrUndefined, stringOf, type JsonRecord } from '../read-json.ts';
import { readResponsesUsage } from '../usage/responses.ts';
import { hostedCallIds, readOutputItem } from './read-item.ts';

export function badResponse(provider: string, what: string): UpstreamError {
  return new UpstreamError({
    kind: 'bad_answer',
    provider,
    message: `${provider} answered with something that is not a response: ${what}.`,
  });
}

/** Why a response ended: by its status, the reason it is incomplete, and whether calls wait for the caller. */
export function readFinish(
  body: JsonRecord,
  hasCalls: boolean,
): { readonly finishReason: FinishReason; readonly nativeFinishReason?: string } {
  const status = stringOf(body['status']);
  const details = isRecord(body['incomplete_details']) ? body['incomplete_details'] : {};
  const reason = stringOf(details['reason']);
  if (reason === 'max_output_tokens') return { finishReason: 'length', nativeFinishReason: reason };
  if (reason !== undefined)
    return {
      finishReason: reason === 'content_filter' ? 'content-filter' : 'unknown',
      nativeFinishReason: reason,
    };
  const native = status === undefined ? {} : { nativeFinishReason: status };
  if (hasCalls) return { finishReason: 'tool-calls', ...native };
  return { finishReason: status === 'completed' ? 'stop' : 'unknown', ...native };
}

/** Throws for a response that failed or holds an error. */
export function refuseFailed(body: JsonRecord, provider: string): void {
  if (isRecord(body['error'])) throw errorInside(body, provider);
  if (body['status'] === 'failed' || body['status'] === 'cancelled')
    throw badResponse(provider, `its status is ${body['status']}`);
}

/** Reads a parsed 200 body. Throws an UpstreamError for an error inside and for what is no response. */
export function readResponseBody(body: unknown, provider: string): CanonicalResponse {
  if (!isRecord(body)) throw badResponse(provider, 'it is no JSON object');
  refuseFailed(body, provider);
  if (!Array.isArray(body['output'])) throw badResponse(provider, 'it has no output');
  const hosted = hostedCallIds(body['output']);
  const parts: Part[] = [];
  for (const item of listOf(body['output'])) if (isRecord(item)) parts.push(...readOutputItem(item, hosted));
  const hasCalls = parts.some((part) => part.type === 'tool-call');
  return {
    id: stringOf(body['id']) ?? '',
    model: stringOf(body['model']) ?? '',
    created: typeof body['created_at'] === 'number' ? Math.floor(body['created_at']) : 0,
    choices: [{ index: 0, parts, ...readFinish(body, hasCalls) }],
    usage: readResponsesUsage(body['usage']),
    native: { shape: 'openai-responses', value: body },
  };
}

/** Reads the text of a 200 body. */
export function readResponse(text: string, provider: string): CanonicalResponse {
  const body = parseOrUndefined(text);
  if (body === undefined) throw badResponse(provider, 'it is not JSON');
  return { ...readResponseBody(body, provider), nativeText: text };
}
