// A complete answer of `generateContent` (or of the Interactions API) as the canonical response.
import type { CanonicalResponse, Choice } from '../../contract/canonical.ts';
import type { JsonRecord } from '../read-json.ts';
import { isRecord, listOf, parseOrUndefined, stringOf } from '../read-json.ts';
import { readGoogleUsage } from '../usage/google.ts';
import { readFinishReason } from './finish-reason.ts';
import { isInteraction, readInteraction } from './interactions.ts';
import { badAnswer, errorInside, errorObject } from './read-error.ts';
import { callId, readPart } from './read-parts.ts';

/** Reads a 200 body. Throws an UpstreamError for an error inside or anything that is not an answer. */
export function readResponse(text: string, provider: string): CanonicalResponse {
  const body = parseOrUndefined(text);
  const error = errorObject(body);
  if (error !== undefined) throw errorInside(error, provider);
  if (!isRecord(body)) throw badAnswer(provider, 'answered with something that is not JSON.');
  if (isInteraction(body)) return readInteraction(body, text);
  if (!Array.isArray(body['candidates']) && !isRecord(body['promptFeedback']))
    throw badAnswer(provider, 'answered with something that is not a generateContent response.');
  const id = stringOf(body['responseId']) ?? '';
  const choices = listOf(body['candidates'])
    .filter(isRecord)
    .map((candidate, index) => readCandidate(candidate, index, id));
  const block = blockReason(body);
  if (choices.length === 0 && block === undefined) throw badAnswer(provider, 'answered without a candidate.');
  return {
    id,
    model: stringOf(body['modelVersion']) ?? '',
    created: 0,
    choices:
      choices.length > 0 || block === undefined
        ? choices
        : [{ index: 0, parts: [], finishReason: 'content-filter', nativeFinishReason: block }],
    usage: readGoogleUsage(body['usageMetadata']),
    native: { shape: 'google-generate-content', value: body },
    nativeText: text,
  };
}

/** Why the prompt itself was refused; undefined where it was not. */
export function blockReason(body: JsonRecord): string | undefined {
  const feedback = body['promptFeedback'];
  return isRecord(feedback) ? stringOf(feedback['blockReason']) : undefined;
}

function readCandidate(candidate: JsonRecord, position: number, responseId: string): Choice {
  const index = typeof candidate['index'] === 'number' ? candidate['index'] : position;
  const content = isRecord(candidate['content']) ? candidate['content'] : {};
  let calls = 0;
  const parts = listOf(content['parts'])
    .filter(isRecord)
    .flatMap((part) => {
      const number = calls;
      if (isRecord(part['functionCall'])) calls += 1;
      return readPart(part, () => callId(responseId, index, number));
    });
  const reason = stringOf(candidate['finishReason']);
  return {
    index,
    parts,
    finishReason: reason === undefined ? 'unknown' : readFinishReason(reason, calls > 0),
    ...(reason === undefined ? {} : { nativeFinishReason: reason }),
  };
}
