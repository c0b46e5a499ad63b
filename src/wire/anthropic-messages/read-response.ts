// A complete answer of the Messages API as the canonical response.
import type { CanonicalResponse } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import { isRecord, parseOrUndefined, stringOf } from '../read-json.ts';
import { readAnthropicUsage } from '../usage/anthropic.ts';
import { readStopReason } from './finish-reason.ts';
import { readContent } from './read-content.ts';
import { errorOf } from './read-error.ts';

/** Reads a 200 body. Throws an UpstreamError for an error inside or anything that is not a message. */
export function readResponse(text: string, provider: string): CanonicalResponse {
  const body = parseOrUndefined(text);
  if (!isRecord(body) || (body['type'] !== 'error' && !Array.isArray(body['content'])))
    throw new UpstreamError({
      kind: 'bad_answer',
      provider,
      message: `${provider} answered with something that is not a message of the Messages API.`,
    });
  if (body['type'] === 'error') throw errorOf(text, provider);
  const reason = stringOf(body['stop_reason']);
  return {
    id: stringOf(body['id']) ?? '',
    model: stringOf(body['model']) ?? '',
    created: 0,
    choices: [
      {
        index: 0,
        parts: readContent(body['content']),
        finishReason: readStopReason(reason),
        ...(reason === undefined ? {} : { nativeFinishReason: reason }),
      },
    ],
    usage: readAnthropicUsage(body['usage']),
    native: { shape: 'anthropic-messages', value: body },
    nativeText: text,
  };
}
