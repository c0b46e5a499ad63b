// Output items of the Responses API as canonical parts. Calls the caller must run become tool calls, whatever the item is called; what
// the vendor ran itself stays opaque.
import type { Native, Part } from '../../contract/canonical.ts';
import { isRecord, listOf, stringOf, type JsonRecord } from '../read-json.ts';

/** A call the caller must run. */
export interface ItemCall {
  readonly id: string;
  readonly name: string;
  /** JSON text; for a custom tool its free text. */
  readonly arguments: string;
}

function callOf(item: JsonRecord, name: string, argumentsText: string): ItemCall {
  return { id: stringOf(item['call_id']) ?? stringOf(item['id']) ?? '', name, arguments: argumentsText };
}

/** Whether a shell call runs in a container of the vendor's: then its output follows in the same answer. */
function isHosted(item: JsonRecord): boolean {
  const environment = item['environment'];
  return isRecord(environment) && environment['type'] !== 'local';
}

/** The call in an item, or undefined where nothing is left for the caller to run. */
export function readItemCall(item: JsonRecord, hostedIds: ReadonlySet<string>): ItemCall | undefined {
  switch (item['type']) {
    case 'function_call':
      return callOf(item, stringOf(item['name']) ?? '', stringOf(item['arguments']) ?? '');
    case 'custom_tool_call':
      return callOf(item, stringOf(item['name']) ?? '', stringOf(item['input']) ?? '');
    case 'apply_patch_call':
      return callOf(item, 'apply_patch', JSON.stringify({ operation: item['operation'] }));
    case 'local_shell_call':
      return callOf(item, 'local_shell', JSON.stringify({ action: item['action'] }));
    case 'computer_call':
      return callOf(item, 'computer', JSON.stringify({ action: item['action'] }));
    case 'shell_call':
      return isHosted(item) || hostedIds.has(stringOf(item['call_id']) ?? '')
        ? undefined
        : callOf(item, 'shell', JSON.stringify({ action: item['action'] }));
    default:
      return undefined;
  }
}

/** Ids of calls whose output is in the answer: the vendor ran them. */
export function hostedCallIds(items: readonly unknown[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const item of items) {
    if (isRecord(item) && stringOf(item['type'])?.endsWith('_call_output') === true)
      ids.add(stringOf(item['call_id']) ?? '');
  }
  return ids;
}

function textsOf(list: unknown): string {
  return listOf(list)
    .map((entry) => (isRecord(entry) ? (stringOf(entry['text']) ?? '') : ''))
    .join('');
}

/** The thoughts of a reasoning item: the text where it is given, else its summary. */
export function reasoningText(item: JsonRecord): string {
  const text = textsOf(item['content']);
  return text === '' ? textsOf(item['summary']) : text;
}

function readMessageItem(item: JsonRecord): Part[] {
  const parts: Part[] = [];
  for (const content of listOf(item['content'])) {
    if (!isRecord(content)) continue;
    if (content['type'] === 'output_text')
      parts.push({ type: 'text', text: stringOf(content['text']) ?? '' });
    else if (content['type'] === 'refusal')
      parts.push({ type: 'refusal', text: stringOf(content['refusal']) ?? '' });
  }
  return parts;
}

/** The parts of one output item. */
export function readOutputItem(item: JsonRecord, hostedIds: ReadonlySet<string>): readonly Part[] {
  const native: Native = { shape: 'openai-responses', value: item };
  if (item['type'] === 'message') return readMessageItem(item);
  if (item['type'] === 'reasoning') {
    const encrypted = stringOf(item['encrypted_content']);
    const redacted = encrypted === undefined ? {} : { redacted: encrypted };
    return [{ type: 'reasoning', text: reasoningText(item), ...redacted, native }];
  }
  const call = readItemCall(item, hostedIds);
  return [call === undefined ? { type: 'opaque', native } : { type: 'tool-call', ...call, native }];
}
