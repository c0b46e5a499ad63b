// Reads a chat-completions request body into the canonical form: hand-written, because it is on the hot path.
import type {
  CanonicalRequest,
  ReasoningRequest,
  ResponseFormat,
  Tool,
  ToolChoice,
} from '../../contract/canonical.ts';
import { readMetadata, readPromptReference } from '../binnacle-fields.ts';
import {
  bareRecord,
  invalid,
  invalidValue,
  isRecord,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalString,
  requireArray,
  requireRecord,
  requireString,
  type JsonRecord,
} from '../read-json.ts';
import { readMessages } from './read-message.ts';

const MAX_CHOICES = 128;
const MAX_TOKENS = Number.MAX_SAFE_INTEGER;

/** Parameters with a field of their own in the canonical form. All others go to `extra`. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'prompt',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'n',
  'reasoning_effort',
  'user',
  'metadata',
]);

function readTool(value: unknown, path: string): Tool {
  const tool = requireRecord(value, path);
  const type = requireString(tool['type'], `${path}.type`);
  const native = { shape: 'openai-chat', value: tool } as const;
  if (type !== 'function') return { type: 'vendor', name: type, native };
  const definition = requireRecord(tool['function'], `${path}.function`);
  const description = optionalString(definition['description'], `${path}.function.description`);
  const strict = optionalBoolean(definition['strict'], `${path}.function.strict`);
  const parameters = definition['parameters'];
  if (parameters !== undefined && parameters !== null)
    requireRecord(parameters, `${path}.function.parameters`);
  return {
    type: 'function',
    name: requireString(definition['name'], `${path}.function.name`),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined || parameters === null ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
    native,
  };
}

function readToolChoice(value: unknown): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value };
  if (typeof value === 'string') throw invalidValue('tool_choice', 'it must be none, auto or required.');
  const choice = requireRecord(value, 'tool_choice');
  if (choice['type'] !== 'function') return undefined;
  const named = requireRecord(choice['function'], 'tool_choice.function');
  return { type: 'tool', name: requireString(named['name'], 'tool_choice.function.name') };
}

function readResponseFormat(value: unknown): ResponseFormat | undefined {
  if (value === undefined || value === null) return undefined;
  const format = requireRecord(value, 'response_format');
  const type = requireString(format['type'], 'response_format.type');
  if (type === 'text') return { type: 'text' };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema')
    throw invalidValue('response_format.type', 'it must be text, json_object or json_schema.');
  const schema = requireRecord(format['json_schema'], 'response_format.json_schema');
  const strict = optionalBoolean(schema['strict'], 'response_format.json_schema.strict');
  const description = optionalString(schema['description'], 'response_format.json_schema.description');
  return {
    type: 'json-schema',
    name: requireString(schema['name'], 'response_format.json_schema.name'),
    schema: requireRecord(schema['schema'], 'response_format.json_schema.schema'),
    ...(strict === undefined ? {} : { strict }),
    ...(description === undefined ? {} : { description }),
  };
}

function readStop(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) throw invalid('stop', 'a string or an array of strings', value);
  return value.map((item, index) => requireString(item, `stop[${index}]`));
}

function readMaxTokens(body: JsonRecord): number | undefined {
  const modern = optionalInteger(body['max_completion_tokens'], 'max_completion_tokens', 1, MAX_TOKENS);
  const legacy = optionalInteger(body['max_tokens'], 'max_tokens', 1, MAX_TOKENS);
  if (modern !== undefined && legacy !== undefined)
    throw invalidValue('max_tokens', "it can't be set beside 'max_completion_tokens': keep one of the two.");
  return modern ?? legacy;
}

function readReasoning(value: unknown): ReasoningRequest | undefined {
  const effort = optionalString(value, 'reasoning_effort');
  return effort === undefined ? undefined : { effort };
}

function readIncludeUsage(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  const options = requireRecord(value, 'stream_options');
  return optionalBoolean(options['include_usage'], 'stream_options.include_usage') ?? false;
}

function readExtra(body: JsonRecord): Readonly<Record<string, unknown>> {
  const extra = bareRecord<unknown>();
  for (const name of Object.keys(body)) {
    if (!KNOWN.has(name) && body[name] !== null) extra[name] = body[name];
  }
  // A choice among several tools, or of a vendor's own tool, has no canonical form.
  if (isRecord(body['tool_choice']) && body['tool_choice']['type'] !== 'function')
    extra['tool_choice'] = body['tool_choice'];
  return extra;
}

/** Copies the fields of `values` that are set: optional fields are absent in the canonical form, never undefined. */
function present<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const name in values) if (values[name] !== undefined) kept[name] = values[name];
  return kept as { [K in keyof T]: Exclude<T[K], undefined> };
}

function readSampling(body: JsonRecord) {
  return {
    maxOutputTokens: readMaxTokens(body),
    temperature: optionalNumber(body['temperature'], 'temperature'),
    topP: optionalNumber(body['top_p'], 'top_p'),
    topK: optionalNumber(body['top_k'], 'top_k'),
    stop: readStop(body['stop']),
    seed: optionalNumber(body['seed'], 'seed'),
    frequencyPenalty: optionalNumber(body['frequency_penalty'], 'frequency_penalty'),
    presencePenalty: optionalNumber(body['presence_penalty'], 'presence_penalty'),
    count: optionalInteger(body['n'], 'n', 1, MAX_CHOICES),
    reasoning: readReasoning(body['reasoning_effort']),
  };
}

/** Reads a parsed body. Throws a RequestError with `param` for anything malformed. */
export function readChatRequest(value: unknown): CanonicalRequest {
  const body = requireRecord(value, 'body');
  const prompt = readPromptReference(body['prompt']);
  const model = optionalString(body['model'], 'model');
  if (model === '') throw invalidValue('model', 'it is empty.');
  if (model === undefined && prompt === undefined) throw invalid('model', 'a string', body['model']);
  const withoutMessages =
    prompt !== undefined && (body['messages'] === undefined || body['messages'] === null);
  const messages = withoutMessages ? [] : readMessages(body['messages']);
  if (messages.length === 0 && prompt === undefined) throw invalidValue('messages', 'it is empty.');
  const tools =
    body['tools'] === undefined || body['tools'] === null
      ? undefined
      : requireArray(body['tools'], 'tools').map((tool, index) => readTool(tool, `tools[${index}]`));
  const stream = optionalBoolean(body['stream'], 'stream') ?? false;
  return {
    shape: 'openai-chat',
    messages,
    stream,
    metadata: readMetadata(body['metadata']),
    extra: readExtra(body),
    native: { shape: 'openai-chat', value: body },
    ...present({
      model,
      prompt,
      tools,
      includeUsage: stream ? readIncludeUsage(body['stream_options']) : undefined,
      toolChoice: readToolChoice(body['tool_choice']),
      parallelToolCalls: optionalBoolean(body['parallel_tool_calls'], 'parallel_tool_calls'),
      responseFormat: readResponseFormat(body['response_format']),
      endUser: optionalString(body['user'], 'user'),
      ...readSampling(body),
    }),
  };
}
