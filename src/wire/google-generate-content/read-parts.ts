// The parts of a candidate as canonical parts. Function calls without an id get one made from the answer's id and their number, so that
// the same bytes always give the same ids.
import type { Native, Part } from '../../contract/canonical.ts';
import type { JsonRecord } from '../read-json.ts';
import { isRecord, stringOf } from '../read-json.ts';

/** An id for a call that came without one. Characters other vendors' ids may not have become `_`. */
export function callId(responseId: string, choice: number, call: number): string {
  const id = responseId.replace(/[^a-zA-Z0-9_-]/g, '_');
  return `call_${id === '' ? 'google' : id}_${choice}_${call}`;
}

/** What a part says: thoughts are reasoning; a signature becomes a reasoning part of its own, in front of what it signs. */
export function readPart(part: JsonRecord, idOf: () => string): Part[] {
  const native: Native = { shape: 'google-generate-content', value: part };
  const signature = stringOf(part['thoughtSignature']);
  const text = stringOf(part['text']);
  if (text !== undefined && part['thought'] === true)
    return [{ type: 'reasoning', text, ...(signature === undefined ? {} : { signature }) }];
  const signed: Part[] = signature === undefined ? [] : [{ type: 'reasoning', text: '', signature }];
  if (text !== undefined) return text === '' ? signed : [...signed, { type: 'text', text }];
  const call = part['functionCall'];
  // A call without a name says only that an earlier one's arguments are complete.
  if (isRecord(call) && typeof call['name'] === 'string') {
    const id = stringOf(call['id']);
    return [
      ...signed,
      {
        type: 'tool-call',
        id: id === undefined || id === '' ? idOf() : id,
        name: call['name'],
        arguments: JSON.stringify(call['args'] ?? {}),
      },
    ];
  }
  const media = part['inlineData'];
  const data = isRecord(media) ? stringOf(media['data']) : undefined;
  const mediaType = isRecord(media) ? (stringOf(media['mimeType']) ?? '') : '';
  if (data !== undefined && mediaType.startsWith('image/'))
    return [...signed, { type: 'image', source: { kind: 'base64', mediaType, data }, native }];
  if (data !== undefined && mediaType.startsWith('audio/'))
    return [...signed, { type: 'audio', format: mediaType.slice('audio/'.length), data, native }];
  return [{ type: 'opaque', native }];
}
