// Request fields that OpenAI's two shapes write alike. Where they differ is the place of a definition: chat completions nest it under a name
// of its own (`function`, `json_schema`), the Responses API has it beside `type`.
import type { MediaSource, Native, Part, ResponseFormat, Tool, ToolChoice } from '../contract/canonical.ts';
import {
  bareRecord,
  invalid,
  invalidValue,
  isRecord,
  optionalBoolean,
  optionalString,
  requireArray,
  requireRecord,
  requireString,
  type JsonRecord,
} from './read-json.ts';
import { readPromptReference } from './binnacle-fields.ts';

type OpenAiShape = 'openai-chat' | 'openai-responses';

const DATA_URL = /^data:([^;,]{1,100})(?:;[^,]{0,200})?;base64,/;

/** The model and the managed prompt that are asked for: at least one of the two. */
export function readAsked(body: JsonRecord) {
  const prompt = readPromptReference(body['prompt']);
  const model = optionalString(body['model'], 'model');
  if (model === '') throw invalidValue('model', 'it is empty.');
  if (model === undefined && prompt === undefined) throw invalid('model', 'a string', body['model']);
  return { model, prompt };
}

export function readTools(value: unknown, shape: OpenAiShape): readonly Tool[] | undefined {
  if (value === undefined || value === null) return undefined;
  return requireArray(value, 'tools').map((tool, index) => readTool(tool, `tools[${index}]`, shape));
}

function readTool(value: unknown, path: string, shape: OpenAiShape): Tool {
  const tool = requireRecord(value, path);
  const type = requireString(tool['type'], `${path}.type`);
  const native: Native = { shape, value: tool };
  if (type !== 'function') return { type: 'vendor', name: type, native };
  const where = shape === 'openai-chat' ? `${path}.function` : path;
  const definition = shape === 'openai-chat' ? requireRecord(tool['function'], where) : tool;
  const description = optionalString(definition['description'], `${where}.description`);
  const strict = optionalBoolean(definition['strict'], `${where}.strict`);
  const parameters = definition['parameters'];
  if (parameters !== undefined && parameters !== null) requireRecord(parameters, `${where}.parameters`);
  return {
    type: 'function',
    name: requireString(definition['name'], `${where}.name`),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined || parameters === null ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
    native,
  };
}

export function readToolChoice(value: unknown, shape: OpenAiShape): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value };
  if (typeof value === 'string') throw invalidValue('tool_choice', 'it must be none, auto or required.');
  const choice = requireRecord(value, 'tool_choice');
  if (choice['type'] !== 'function') return undefined;
  const where = shape === 'openai-chat' ? 'tool_choice.function' : 'tool_choice';
  const named = shape === 'openai-chat' ? requireRecord(choice['function'], where) : choice;
  return { type: 'tool', name: requireString(named['name'], `${where}.name`) };
}

/** `path` is where the format stands in the body. */
export function readResponseFormat(
  value: unknown,
  path: string,
  shape: OpenAiShape,
): ResponseFormat | undefined {
  if (value === undefined || value === null) return undefined;
  const format = requireRecord(value, path);
  const type = requireString(format['type'], `${path}.type`);
  if (type === 'text') return { type: 'text' };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema')
    throw invalidValue(`${path}.type`, 'it must be text, json_object or json_schema.');
  const where = shape === 'openai-chat' ? `${path}.json_schema` : path;
  const definition = shape === 'openai-chat' ? requireRecord(format['json_schema'], where) : format;
  const strict = optionalBoolean(definition['strict'], `${where}.strict`);
  const description = optionalString(definition['description'], `${where}.description`);
  return {
    type: 'json-schema',
    name: requireString(definition['name'], `${where}.name`),
    schema: requireRecord(definition['schema'], `${where}.schema`),
    ...(strict === undefined ? {} : { strict }),
    ...(description === undefined ? {} : { description }),
  };
}

/** What is not among `known`: parameters without a field of their own in the canonical form. */
export function readExtra(body: JsonRecord, known: ReadonlySet<string>): Record<string, unknown> {
  const extra = bareRecord<unknown>();
  for (const name of Object.keys(body)) {
    if (!known.has(name) && body[name] !== null) extra[name] = body[name];
  }
  // A choice among several tools, or of a vendor's own tool, has no canonical form.
  if (isRecord(body['tool_choice']) && body['tool_choice']['type'] !== 'function')
    extra['tool_choice'] = body['tool_choice'];
  return extra;
}

/** Copies the fields of `values` that are set: optional fields are absent in the canonical form, never undefined. */
export function present<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const name in values) if (values[name] !== undefined) kept[name] = values[name];
  return kept as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** An image or file given as a URL, which may carry its bytes inside. */
export function mediaFromUrl(url: string): MediaSource {
  const match = url.startsWith('data:') ? DATA_URL.exec(url) : null;
  return match === null
    ? { kind: 'url', url }
    : { kind: 'base64', mediaType: match[1] as string, data: url.slice(match[0].length) };
}

/** A file by its id, its address where the shape has one, or its bytes. */
export function readDocument(file: JsonRecord, path: string, native: Native, address?: string): Part {
  const filename = optionalString(file['filename'], `${path}.filename`);
  const id = optionalString(file['file_id'], `${path}.file_id`);
  const source: MediaSource =
    id === undefined
      ? mediaFromUrl(address ?? requireString(file['file_data'], `${path}.file_data`))
      : { kind: 'file-id', id };
  return { type: 'document', source, ...(filename === undefined ? {} : { filename }), native };
}

export function readAudio(part: JsonRecord, path: string, native: Native): Part {
  const audio = requireRecord(part['input_audio'], `${path}.input_audio`);
  return {
    type: 'audio',
    format: requireString(audio['format'], `${path}.input_audio.format`),
    data: requireString(audio['data'], `${path}.input_audio.data`),
    native,
  };
}
