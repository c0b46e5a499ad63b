// The texts inside a vendor's own stream event: the one a delta carries replaced, or every readable one mapped. So a stream that had to be
// changed in one place keeps its vendor's form in all others. Pure but for the mapping that is handed in.
import type { ApiShape, StreamChunk } from '../../contract/canonical.ts';

type Native = NonNullable<StreamChunk['native']>;
type Fields = Record<string, unknown>;

/** Names under which vendors put text that somebody reads. Identifiers, signatures and encrypted blobs are under others. */
const READABLE: ReadonlySet<string> = new Set([
  'text',
  'refusal',
  'arguments',
  'input',
  'output',
  'content',
  'delta',
  'summary',
  'thinking',
  'partial_json',
  'code',
  'logs',
  'title',
  'query',
  'snippet',
  'stdout',
  'stderr',
  'instructions',
]);
const DEEPEST = 12;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(data: string): Fields | null {
  try {
    const value: unknown = JSON.parse(data);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

/** Replaces the string `before` under one of these names; says whether it was there. */
function swap(fields: Fields, names: readonly string[], before: string, after: string): boolean {
  const name = names.find((one) => fields[one] === before);
  if (name === undefined) return false;
  fields[name] = after;
  return true;
}

function swapChat(value: Fields, before: string, after: string): boolean {
  const choices = Array.isArray(value['choices']) ? value['choices'] : [];
  const choice: unknown = choices[0];
  if (choices.length !== 1 || !isFields(choice) || !isFields(choice['delta'])) return false;
  if ('logprobs' in choice) choice['logprobs'] = null;
  const { delta } = choice;
  if (swap(delta, ['content', 'refusal', 'reasoning_content', 'reasoning'], before, after)) return true;
  const calls = Array.isArray(delta['tool_calls']) ? delta['tool_calls'] : [];
  const call: unknown = calls[0];
  return (
    calls.length === 1 &&
    isFields(call) &&
    isFields(call['function']) &&
    swap(call['function'], ['arguments'], before, after)
  );
}

function swapDelta(shape: ApiShape, value: Fields, before: string, after: string): boolean {
  if (shape === 'openai-chat') return swapChat(value, before, after);
  if (shape === 'anthropic-messages')
    return (
      isFields(value['delta']) && swap(value['delta'], ['text', 'thinking', 'partial_json'], before, after)
    );
  if (shape !== 'openai-responses') return false;
  if ('logprobs' in value) value['logprobs'] = [];
  return swap(value, ['delta'], before, after);
}

/** The event with the text of its delta replaced; null where it is not in a place known for it. */
export function withDelta(native: Native, before: string, after: string): Native | null {
  const value = parse(native.data);
  if (value === null || !swapDelta(native.shape, value, before, after)) return null;
  return { ...native, data: JSON.stringify(value) };
}

async function mapValue(
  value: unknown,
  name: string,
  depth: number,
  map: (text: string) => Promise<string>,
): Promise<unknown> {
  if (depth > DEEPEST) return null;
  if (typeof value === 'string') return READABLE.has(name) && value.length > 5 ? map(value) : value;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await mapValue(item, name, depth + 1, map));
    return items;
  }
  if (!isFields(value)) return value;
  const mapped: Fields = {};
  for (const [key, item] of Object.entries(value)) mapped[key] = await mapValue(item, key, depth + 1, map);
  return mapped;
}

/** The event with every readable text mapped; the very same where nothing changed. */
export async function withTexts(native: Native, map: (text: string) => Promise<string>): Promise<Native> {
  const value = parse(native.data);
  if (value === null) return native;
  let changed = false;
  const mapped = (await mapValue(value, '', 0, async (text) => {
    const after = await map(text);
    changed ||= after !== text;
    return after;
  })) as Fields;
  return changed ? { ...native, data: JSON.stringify(withoutLogprobs(mapped)) } : native;
}

/** Log probabilities spell the text out token by token. */
function withoutLogprobs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLogprobs);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      name === 'logprobs' && Array.isArray(item) ? [] : withoutLogprobs(item),
    ]),
  );
}
