// Canonical parts as content blocks of the Messages format, for requests.
import type { CacheMark, MediaSource, Message, Part } from '../../contract/canonical.ts';
import { RequestError } from '../../kernel/errors.ts';
import { parseOrUndefined } from '../read-json.ts';
import { isLeftover } from '../refused-parameters.ts';

export const SHAPE = 'anthropic-messages';

/** One content block, ready to be serialised. */
export type Block = Readonly<Record<string, unknown>>;

/** The blocks of one message. `where` is its path for error messages (`messages[3]`). */
export function writeBlocks(message: Message, where: string): Block[] {
  const blocks: Block[] = [];
  message.parts.forEach((part, index) => {
    const block = writeBlock(part, `${where}.content[${index}]`);
    if (block !== undefined) blocks.push(block);
  });
  return blocks;
}

/** `cache_control` of a mark, as a field to spread. */
export function cacheControl(mark: CacheMark | undefined): Block {
  if (mark === undefined) return {};
  return {
    cache_control: { type: 'ephemeral', ...(mark.ttl === undefined ? {} : { ttl: mark.ttl }) },
  };
}

function writeBlock(part: Part, where: string): Block | undefined {
  if (part.native?.shape === SHAPE) return part.native.value as Block;
  const mark = cacheControl(part.cacheMark);
  switch (part.type) {
    case 'text':
    case 'refusal':
      // The API refuses empty text blocks; an empty part says nothing.
      return part.text === '' ? undefined : { type: 'text', text: part.text, ...mark };
    case 'image':
      return { type: 'image', source: writeSource(part.source), ...mark };
    case 'document':
      return {
        type: 'document',
        source: writeDocumentSource(part.source),
        ...(part.filename === undefined ? {} : { title: part.filename }),
        ...mark,
      };
    case 'audio':
      throw unsupportedPart(where, 'Anthropic takes no audio.');
    case 'reasoning':
      return writeThinking(part);
    case 'tool-call':
      return {
        type: 'tool_use',
        id: toolId(part.id),
        name: part.name,
        input: writeInput(part.arguments, where),
        ...mark,
      };
    case 'tool-result':
      return {
        type: 'tool_result',
        tool_use_id: toolId(part.id),
        ...writeResult(part.parts, where),
        ...(part.isError === true ? { is_error: true } : {}),
        ...mark,
      };
    default:
      if (isLeftover(part.native)) return undefined;
      throw unsupportedPart(where, `Anthropic can't read content of the shape ${part.native.shape}.`);
  }
}

/** Thoughts without a signature came from another vendor: the API would refuse them, and they are no part of the conversation. */
function writeThinking(part: Extract<Part, { type: 'reasoning' }>): Block | undefined {
  if (part.redacted !== undefined) return { type: 'redacted_thinking', data: part.redacted };
  if (part.signature === undefined) return undefined;
  return { type: 'thinking', thinking: part.text, signature: part.signature };
}

function writeInput(text: string, where: string): unknown {
  if (text.trim() === '') return {};
  const input = parseOrUndefined(text);
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  throw unsupportedPart(where, 'the arguments of a tool call must be a JSON object.');
}

function writeResult(parts: readonly Part[], where: string): Block {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only?.type === 'text' && only.cacheMark === undefined && only.native === undefined)
    return { content: only.text };
  const content = parts.map((part, index) => writeBlock(part, `${where}.content[${index}]`));
  return { content: content.filter((block) => block !== undefined) };
}

function writeSource(source: MediaSource): Block {
  switch (source.kind) {
    case 'url':
      return { type: 'url', url: source.url };
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.data };
    default:
      return { type: 'file', file_id: source.id };
  }
}

function writeDocumentSource(source: MediaSource): Block {
  if (source.kind === 'base64' && source.mediaType.startsWith('text/'))
    return {
      type: 'text',
      media_type: 'text/plain',
      data: Buffer.from(source.data, 'base64').toString('utf8'),
    };
  return writeSource(source);
}

/** The API takes ids of `[a-zA-Z0-9_-]` only; other characters become `_`, in the call and in its result alike. */
export function toolId(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, '_');
}

function unsupportedPart(param: string, message: string): RequestError {
  return new RequestError({ code: 'unsupported_parameter', message: `\`${param}\`: ${message}`, param });
}
