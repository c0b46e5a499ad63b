// Reads a request of the Responses API into the canonical form. State kept at the server (earlier responses, conversations, background
// work) is not had: asking for it is a clear 400.
import type {
  CanonicalRequest,
  Message,
  Native,
  Part,
  ReasoningRequest,
  ResponseFormat,
  Tool,
  ToolChoice,
} from '../../contract/canonical.ts';
import { RequestError } from '../../kernel/errors.ts';
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
import { readInput } from './read-input.ts';

/** Parameters with a field of their own; all others go to `extra`. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'prompt',
  'input',
  'instructions',
  'stream',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'max_output_tokens',
  'temperature',
  'top_p',
  'reasoning',
  'user',
  'metadata',
]);

const STATE: readonly string[] = ['previous_response_id', 'conversation'];

function refuseState(body: JsonRecord): void {
  const named = STATE.find((name) => body[name] !== undefined && body[name] !== null);
  const param = named ?? (body['background'] === true ? 'background' : undefined);
  if (param === undefined) return;
  throw new RequestError({
    code: 'unsupported_parameter',
    message: `'${param}' is not supported: no conversation is kept here. Send the whole conversation as 'input'.`,
    param,
  });
}

function readTool(value: unknown, path: string): Tool {
  const tool = requireRecord(value, path);
  const type = requireString(tool['type'], `${path}.type`);
  const native: Native = { shape: 'openai-responses', value: tool };
  if (type !== 'function') return { type: 'vendor', name: type, native };
  const description = optionalString(tool['description'], `${path}.description`);
  const strict = optionalBoolean(tool['strict'], `${path}.strict`);
  const parameters = tool['parameters'];
  if (parameters !== undefined && parameters !== null) requireRecord(parameters, `${path}.parameters`);
  return {
    type: 'function',
    name: requireString(tool['name'], `${path}.name`),
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
  return { type: 'tool', name: requireString(choice['name'], 'tool_choice.name') };
}

function readFormat(text: unknown): ResponseFormat | undefined {
  if (text === undefined || text === null) return undefined;
  const value = requireRecord(text, 'text')['format'];
  if (value === undefined || value === null) return undefined;
  const format = requireRecord(value, 'text.format');
  const type = requireString(format['type'], 'text.format.type');
  if (type === 'text') return { type: 'text' };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema')
    throw invalidValue('text.format.type', 'it must be text, json_object or json_schema.');
  const strict = optionalBoolean(format['strict'], 'text.format.strict');
  const description = optionalString(format['description'], 'text.format.description');
  return {
    type: 'json-schema',
    name: requireString(format['name'], 'text.format.name'),
    schema: requireRecord(format['schema'], 'text.format.schema'),
    ...(strict === undefined ? {} : { strict }),
    ...(description === undefined ? {} : { description }),
  };
}

function readReasoning(value: unknown): ReasoningRequest | undefined {
  if (value === undefined || value === null) return undefined;
  const reasoning = requireRecord(value, 'reasoning');
  const effort = optionalString(reasoning['effort'], 'reasoning.effort');
  const summary = optionalString(reasoning['summary'], 'reasoning.summary');
  if (effort === undefined && summary === undefined) return undefined;
  return { ...(effort === undefined ? {} : { effort }), ...(summary === undefined ? {} : { summary }) };
}

/** Parameters without a field, apart from those set to what is the case anyway. */
function readExtra(body: JsonRecord): Readonly<Record<string, unknown>> {
  const extra = bareRecord<unknown>();
  for (const name of Object.keys(body)) {
    if (KNOWN.has(name) || body[name] === null || name === 'background') continue;
    extra[name] = body[name];
  }
  if (isRecord(body['tool_choice']) && body['tool_choice']['type'] !== 'function')
    extra['tool_choice'] = body['tool_choice'];
  const text = isRecord(body['text']) ? body['text'] : undefined;
  if (text?.['verbosity'] !== undefined && text['verbosity'] !== null && text['verbosity'] !== 'medium')
    extra['text.verbosity'] = text['verbosity'];
  return extra;
}

function readMessages(body: JsonRecord, hasPrompt: boolean): readonly Message[] {
  const messages: Message[] = [];
  const instructions = optionalString(body['instructions'], 'instructions');
  if (instructions !== undefined) {
    const parts: Part[] = [{ type: 'text', text: instructions }];
    messages.push({ role: 'developer', parts });
  }
  if (body['input'] !== undefined && body['input'] !== null) messages.push(...readInput(body['input']));
  else if (!hasPrompt) throw invalid('input', 'a string or an array of items', body['input']);
  return messages;
}

/** Reads a parsed body. Throws a RequestError with `param` for anything malformed. */
export function readResponsesRequest(value: unknown): CanonicalRequest {
  const body = requireRecord(value, 'body');
  refuseState(body);
  const prompt = readPromptReference(body['prompt']);
  const model = optionalString(body['model'], 'model');
  if (model === '') throw invalidValue('model', 'it is empty.');
  if (model === undefined && prompt === undefined) throw invalid('model', 'a string', body['model']);
  const tools =
    body['tools'] === undefined || body['tools'] === null
      ? undefined
      : requireArray(body['tools'], 'tools').map((tool, index) => readTool(tool, `tools[${index}]`));
  const fields = {
    model,
    prompt,
    tools,
    toolChoice: readToolChoice(body['tool_choice']),
    parallelToolCalls: optionalBoolean(body['parallel_tool_calls'], 'parallel_tool_calls'),
    responseFormat: readFormat(body['text']),
    maxOutputTokens: optionalInteger(
      body['max_output_tokens'],
      'max_output_tokens',
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    temperature: optionalNumber(body['temperature'], 'temperature'),
    topP: optionalNumber(body['top_p'], 'top_p'),
    reasoning: readReasoning(body['reasoning']),
    endUser: optionalString(body['user'], 'user'),
  };
  return {
    shape: 'openai-responses',
    messages: readMessages(body, prompt !== undefined),
    stream: optionalBoolean(body['stream'], 'stream') ?? false,
    includeUsage: true,
    metadata: readMetadata(body['metadata']),
    extra: readExtra(body),
    native: { shape: 'openai-responses', value: body },
    ...present(fields),
  };
}

/** The fields that are set: optional fields are absent in the canonical form, never undefined. */
function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) kept[name] = value;
  return kept as { [K in keyof T]?: Exclude<T[K], undefined> };
}
