// Content blocks of the Messages format as canonical parts: what a message of either side may hold.
import type { CacheMark, MediaSource, Native, Part } from '../../contract/canonical.ts';
import type { JsonRecord } from '../read-json.ts';
import { isRecord, listOf, stringOf } from '../read-json.ts';

const SHAPE = 'anthropic-messages';

/** A block as a part carrying the block itself. Whatever has no canonical part is `opaque`: server tools, search results, containers. */
export function readBlock(block: JsonRecord): Part {
  const native: Native = { shape: SHAPE, value: block };
  const mark = readMark(block['cache_control']);
  const base = mark === undefined ? { native } : { native, cacheMark: mark };
  switch (block['type']) {
    case 'text':
      return { ...base, type: 'text', text: stringOf(block['text']) ?? '' };
    case 'thinking':
      return {
        ...base,
        type: 'reasoning',
        text: stringOf(block['thinking']) ?? '',
        ...signatureOf(block['signature']),
      };
    case 'redacted_thinking':
      return { ...base, type: 'reasoning', text: '', redacted: stringOf(block['data']) ?? '' };
    case 'tool_use':
      return {
        ...base,
        type: 'tool-call',
        id: stringOf(block['id']) ?? '',
        name: stringOf(block['name']) ?? '',
        arguments: JSON.stringify(block['input'] ?? {}),
      };
    case 'tool_result':
      return {
        ...base,
        type: 'tool-result',
        id: stringOf(block['tool_use_id']) ?? '',
        parts: readContent(block['content']),
        ...(block['is_error'] === true ? { isError: true } : {}),
      };
    case 'image':
    case 'document':
      return readMedia(block, base, native);
    default:
      return { ...base, type: 'opaque', native };
  }
}

/** `content`, which is a string or a list of blocks. */
export function readContent(content: unknown): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return listOf(content).filter(isRecord).map(readBlock);
}

/** `cache_control` as a mark. */
export function readMark(control: unknown): CacheMark | undefined {
  if (!isRecord(control) || control['type'] !== 'ephemeral') return undefined;
  const ttl = control['ttl'];
  return ttl === '5m' || ttl === '1h' ? { ttl } : {};
}

function signatureOf(signature: unknown): { signature?: string } {
  return typeof signature === 'string' && signature !== '' ? { signature } : {};
}

function readMedia(block: JsonRecord, base: { native: Native; cacheMark?: CacheMark }, native: Native): Part {
  const source = readSource(block['source']);
  if (source === undefined) return { ...base, type: 'opaque', native };
  if (block['type'] === 'image') return { ...base, type: 'image', source };
  const title = stringOf(block['title']);
  return { ...base, type: 'document', source, ...(title === undefined ? {} : { filename: title }) };
}

function readSource(source: unknown): MediaSource | undefined {
  if (!isRecord(source)) return undefined;
  const data = stringOf(source['data']);
  const mediaType = stringOf(source['media_type']);
  switch (source['type']) {
    case 'base64':
      return data === undefined || mediaType === undefined ? undefined : { kind: 'base64', mediaType, data };
    case 'url':
      return typeof source['url'] === 'string' ? { kind: 'url', url: source['url'] } : undefined;
    case 'file':
      return typeof source['file_id'] === 'string' ? { kind: 'file-id', id: source['file_id'] } : undefined;
    case 'text':
      return data === undefined
        ? undefined
        : { kind: 'base64', mediaType: 'text/plain', data: Buffer.from(data, 'utf8').toString('base64') };
    default:
      return undefined;
  }
}
