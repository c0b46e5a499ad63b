// Reads the `messages` of a chat-completions request. Each message and content part keeps its `native` form, which a writer of the same
// shape emits as it stands.
import type { Message, Native, Part, Role } from '../../contract/canonical.ts';
import { mediaFromUrl, readAudio, readDocument } from '../openai-fields.ts';
import {
  bareRecord,
  invalid,
  invalidValue,
  isRecord,
  optionalString,
  requireArray,
  requireRecord,
  requireString,
  type JsonRecord,
} from '../read-json.ts';

const ROLES: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/** Message fields that the canonical form has a place for; others travel in an opaque part. */
const READ_FIELDS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'name',
  'tool_calls',
  'tool_call_id',
  'refusal',
  'reasoning_content',
]);

function nativeOf(value: unknown): Native {
  return { shape: 'openai-chat', value };
}

function readImage(part: JsonRecord, path: string): Part {
  const image = requireRecord(part['image_url'], `${path}.image_url`);
  const source = mediaFromUrl(requireString(image['url'], `${path}.image_url.url`));
  const detail = optionalString(image['detail'], `${path}.image_url.detail`);
  return { type: 'image', source, ...(detail === undefined ? {} : { detail }), native: nativeOf(part) };
}

function readPart(value: unknown, path: string): Part {
  const part = requireRecord(value, path);
  const type = requireString(part['type'], `${path}.type`);
  switch (type) {
    case 'text':
      return { type, text: requireString(part['text'], `${path}.text`), native: nativeOf(part) };
    case 'image_url':
      return readImage(part, path);
    case 'file':
      return readDocument(requireRecord(part['file'], `${path}.file`), `${path}.file`, nativeOf(part));
    case 'refusal':
      return { type, text: requireString(part['refusal'], `${path}.refusal`), native: nativeOf(part) };
    case 'input_audio':
      return readAudio(part, path, nativeOf(part));
    default:
      return { type: 'opaque', native: nativeOf(part) };
  }
}

function readContent(content: unknown, path: string, parts: Part[]): void {
  if (typeof content === 'string') {
    parts.push({ type: 'text', text: content });
    return;
  }
  if (!Array.isArray(content)) throw invalid(path, 'a string or an array of content parts', content);
  for (const [index, part] of content.entries()) parts.push(readPart(part, `${path}[${index}]`));
}

function readToolCall(value: unknown, path: string): Part {
  const call = requireRecord(value, path);
  const id = requireString(call['id'], `${path}.id`);
  if (!isRecord(call['function'])) return { type: 'opaque', native: nativeOf(call) };
  return {
    type: 'tool-call',
    id,
    name: requireString(call['function']['name'], `${path}.function.name`),
    arguments: requireString(call['function']['arguments'], `${path}.function.arguments`),
    native: nativeOf(call),
  };
}

/** Fields without a canonical place (`audio`, `function_call`, a vendor's own) as one opaque part of `{messageFields}`. */
function readOtherFields(message: JsonRecord, parts: Part[]): void {
  let other: Record<string, unknown> | undefined;
  for (const field of Object.keys(message)) {
    if (READ_FIELDS.has(field) || message[field] === null) continue;
    other ??= bareRecord();
    other[field] = message[field];
  }
  if (other !== undefined) parts.push({ type: 'opaque', native: nativeOf({ messageFields: other }) });
}

function readAssistantParts(message: JsonRecord, path: string): Part[] {
  const parts: Part[] = [];
  const reasoning = optionalString(message['reasoning_content'], `${path}.reasoning_content`);
  if (reasoning !== undefined && reasoning !== '') parts.push({ type: 'reasoning', text: reasoning });
  const content = message['content'];
  if (content !== undefined && content !== null) readContent(content, `${path}.content`, parts);
  const refusal = optionalString(message['refusal'], `${path}.refusal`);
  if (refusal !== undefined) parts.push({ type: 'refusal', text: refusal });
  const calls = message['tool_calls'];
  if (calls !== undefined && calls !== null) {
    for (const [index, call] of requireArray(calls, `${path}.tool_calls`).entries())
      parts.push(readToolCall(call, `${path}.tool_calls[${index}]`));
  }
  return parts;
}

function readMessage(value: unknown, path: string): Message {
  const message = requireRecord(value, path);
  const role = requireString(message['role'], `${path}.role`);
  if (!ROLES.has(role))
    throw invalidValue(`${path}.role`, 'it must be system, developer, user, assistant or tool.');
  const name = optionalString(message['name'], `${path}.name`);
  let parts: Part[];
  if (role === 'assistant') {
    parts = readAssistantParts(message, path);
  } else {
    parts = [];
    readContent(message['content'], `${path}.content`, parts);
  }
  if (role === 'tool')
    parts = [
      { type: 'tool-result', id: requireString(message['tool_call_id'], `${path}.tool_call_id`), parts },
    ];
  if (role === 'function') parts = [{ type: 'tool-result', id: name ?? '', parts }];
  readOtherFields(message, parts);
  const canonicalRole = (role === 'function' ? 'tool' : role) as Role;
  return {
    role: canonicalRole,
    parts,
    ...(name === undefined ? {} : { name }),
    native: nativeOf(message),
  };
}

/** All messages of a request body. */
export function readMessages(value: unknown): readonly Message[] {
  const list = requireArray(value, 'messages');
  const messages: Message[] = [];
  for (let index = 0; index < list.length; index += 1)
    messages.push(readMessage(list[index], `messages[${index}]`));
  return messages;
}
