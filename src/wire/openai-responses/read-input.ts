// Reads the `input` of a Responses request: a text, or items (messages, calls, their outputs, reasoning). Neighbouring items of one turn
// become one canonical message, so that any other shape can be written from it; each item keeps its native form.
import type { Message, Native, Part, Role } from '../../contract/canonical.ts';
import { mediaFromUrl, readAudio, readDocument } from '../openai-fields.ts';
import {
  invalid,
  invalidValue,
  optionalString,
  requireArray,
  requireRecord,
  requireString,
  type JsonRecord,
} from '../read-json.ts';
import { readItemCall, reasoningText } from './read-item.ts';

const ROLES: ReadonlySet<string> = new Set(['user', 'assistant', 'system', 'developer']);
const NOTHING_HOSTED: ReadonlySet<string> = new Set();

function nativeOf(value: unknown): Native {
  return { shape: 'openai-responses', value };
}

function readImage(part: JsonRecord, path: string): Part {
  const detail = optionalString(part['detail'], `${path}.detail`);
  const id = optionalString(part['file_id'], `${path}.file_id`);
  return {
    type: 'image',
    source:
      id === undefined
        ? mediaFromUrl(requireString(part['image_url'], `${path}.image_url`))
        : { kind: 'file-id', id },
    ...(detail === undefined ? {} : { detail }),
    native: nativeOf(part),
  };
}

function readContentPart(value: unknown, path: string): Part {
  const part = requireRecord(value, path);
  const type = requireString(part['type'], `${path}.type`);
  switch (type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: requireString(part['text'], `${path}.text`), native: nativeOf(part) };
    case 'refusal':
      return {
        type: 'refusal',
        text: requireString(part['refusal'], `${path}.refusal`),
        native: nativeOf(part),
      };
    case 'input_image':
      return readImage(part, path);
    case 'input_file':
      return readDocument(part, path, nativeOf(part), optionalString(part['file_url'], `${path}.file_url`));
    case 'input_audio':
      return readAudio(part, path, nativeOf(part));
    default:
      return { type: 'opaque', native: nativeOf(part) };
  }
}

function readContent(value: unknown, path: string): Part[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  if (!Array.isArray(value)) throw invalid(path, 'a string or an array of content parts', value);
  return value.map((part, index) => readContentPart(part, `${path}[${index}]`));
}

interface ReadItem {
  readonly role: Role;
  readonly parts: readonly Part[];
}

function readMessageItem(item: JsonRecord, path: string): ReadItem {
  const role = requireString(item['role'], `${path}.role`);
  if (!ROLES.has(role))
    throw invalidValue(`${path}.role`, 'it must be user, assistant, system or developer.');
  return { role: role as Role, parts: readContent(item['content'], `${path}.content`) };
}

function readItem(value: unknown, path: string): ReadItem {
  const item = requireRecord(value, path);
  const type = optionalString(item['type'], `${path}.type`) ?? 'message';
  switch (type) {
    case 'message':
      return readMessageItem(item, path);
    case 'function_call':
    case 'custom_tool_call': {
      requireString(item['call_id'], `${path}.call_id`);
      requireString(item['name'], `${path}.name`);
      requireString(item[type === 'function_call' ? 'arguments' : 'input'], `${path}.arguments`);
      const call = readItemCall(item, NOTHING_HOSTED);
      return call === undefined
        ? { role: 'assistant', parts: [] }
        : { role: 'assistant', parts: [{ type: 'tool-call', ...call, native: nativeOf(item) }] };
    }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const id = requireString(item['call_id'], `${path}.call_id`);
      const parts = readContent(item['output'], `${path}.output`);
      return { role: 'tool', parts: [{ type: 'tool-result', id, parts, native: nativeOf(item) }] };
    }
    case 'reasoning':
      return {
        role: 'assistant',
        parts: [{ type: 'reasoning', text: reasoningText(item), native: nativeOf(item) }],
      };
    default:
      return { role: 'assistant', parts: [{ type: 'opaque', native: nativeOf(item) }] };
  }
}

/** Whether two neighbouring items belong to one message: calls and reasoning to the assistant's, outputs to one of outputs. */
function belongTogether(before: ReadItem | undefined, item: ReadItem): boolean {
  return (
    before !== undefined && before.role === item.role && (item.role === 'assistant' || item.role === 'tool')
  );
}

/** All messages of an `input`. */
export function readInput(value: unknown): readonly Message[] {
  if (typeof value === 'string') return [{ role: 'user', parts: [{ type: 'text', text: value }] }];
  const items = requireArray(value, 'input').map((item, index) => readItem(item, `input[${index}]`));
  const messages: ReadItem[] = [];
  for (const item of items) {
    const last = messages.at(-1);
    if (last !== undefined && belongTogether(last, item))
      messages[messages.length - 1] = { role: last.role, parts: [...last.parts, ...item.parts] };
    else messages.push(item);
  }
  return messages;
}
