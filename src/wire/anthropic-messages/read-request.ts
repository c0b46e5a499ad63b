// Reads the body of `POST /v1/messages` into a canonical request. Blocks and tools keep their native form, so that Anthropic in,
// Anthropic out is verbatim; a parameter without a canonical field travels in `extra`.
import type {
  CanonicalRequest,
  Message,
  Part,
  ResponseFormat,
  Tool,
  ToolChoice,
} from '../../contract/canonical.ts';
import { readMetadata, readPromptReference } from '../binnacle-fields.ts';
import type { JsonRecord } from '../read-json.ts';
import {
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
} from '../read-json.ts';
import { readBlock, readMark } from './read-content.ts';
import { readReasoning } from './read-reasoning.ts';

const SHAPE = 'anthropic-messages';
const MAX_TOKENS = 1_000_000_000;

/** Parameters with a canonical field. */
const READ: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'metadata',
  'output_config',
  'prompt',
]);

/** Throws a RequestError with `param` for anything malformed. */
export function readRequest(value: unknown): CanonicalRequest {
  const body = requireRecord(value, 'body');
  const prompt = readPromptReference(body['prompt']);
  const model = optionalString(body['model'], 'model');
  if (model === undefined && prompt === undefined) throw invalid('model', 'a string', undefined);
  const messages = readMessages(body, prompt !== undefined);
  const maxTokens = optionalInteger(body['max_tokens'], 'max_tokens', 0, MAX_TOKENS);
  if (maxTokens === undefined && prompt === undefined)
    throw invalid('max_tokens', 'a whole number', undefined);
  const stop = body['stop_sequences'];
  return {
    shape: SHAPE,
    ...(model === undefined ? {} : { model }),
    ...(prompt === undefined ? {} : { prompt }),
    messages,
    stream: optionalBoolean(body['stream'], 'stream') ?? false,
    includeUsage: true,
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    ...numberField('temperature', optionalNumber(body['temperature'], 'temperature')),
    ...numberField('topP', optionalNumber(body['top_p'], 'top_p')),
    ...numberField('topK', optionalNumber(body['top_k'], 'top_k')),
    ...(stop === undefined || stop === null
      ? {}
      : {
          stop: requireArray(stop, 'stop_sequences').map((each, index) =>
            requireString(each, `stop_sequences[${index}]`),
          ),
        }),
    ...readTools(body),
    ...readOutput(body),
    ...readUser(body['metadata']),
    native: { shape: SHAPE, value: body },
  };
}

function numberField<K extends string>(key: K, value: number | undefined): { readonly [P in K]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: number });
}

function readMessages(body: JsonRecord, optional: boolean): readonly Message[] {
  const messages: Message[] = [];
  const system = readParts(body['system'], 'system');
  if (system.length > 0) messages.push({ role: 'system', parts: system });
  if (optional && (body['messages'] === undefined || body['messages'] === null)) return messages;
  requireArray(body['messages'], 'messages').forEach((each, index) => {
    messages.push(...readMessage(requireRecord(each, `messages[${index}]`), `messages[${index}]`));
  });
  return messages;
}

function readParts(content: unknown, where: string): Part[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalid(where, 'a string or an array of content blocks', content);
  return content.map((block, index) => {
    const record = requireRecord(block, `${where}[${index}]`);
    requireString(record['type'], `${where}[${index}].type`);
    checkBlock(record, `${where}[${index}]`);
    return readBlock(record);
  });
}

/** What a block of each type can't be without. */
function checkBlock(block: JsonRecord, where: string): void {
  switch (block['type']) {
    case 'text':
      requireString(block['text'], `${where}.text`);
      return;
    case 'tool_use':
      requireString(block['id'], `${where}.id`);
      requireString(block['name'], `${where}.name`);
      requireRecord(block['input'], `${where}.input`);
      return;
    case 'tool_result': {
      requireString(block['tool_use_id'], `${where}.tool_use_id`);
      const content = block['content'];
      if (content !== undefined && content !== null && typeof content !== 'string')
        readParts(content, `${where}.content`);
      return;
    }
    case 'image':
    case 'document':
      requireRecord(block['source'], `${where}.source`);
      return;
    default:
  }
}

/** A user turn that holds tool results becomes tool messages, one a result, and a user message of what stands beside them. */
function readMessage(message: JsonRecord, where: string): Message[] {
  const role = requireString(message['role'], `${where}.role`);
  if (message['content'] === undefined || message['content'] === null)
    throw invalid(`${where}.content`, 'a string or an array of content blocks', message['content']);
  const parts = readParts(message['content'], `${where}.content`);
  if (role === 'assistant' || role === 'system') return [{ role, parts }];
  if (role !== 'user')
    throw invalidValue(`${where}.role`, 'it must be user or assistant; instructions go into `system`.');
  const messages: Message[] = [];
  let rest: Part[] = [];
  for (const part of parts) {
    if (part.type !== 'tool-result') {
      rest.push(part);
      continue;
    }
    if (rest.length > 0) messages.push({ role: 'user', parts: rest });
    rest = [];
    messages.push({ role: 'tool', parts: [part] });
  }
  if (rest.length > 0 || messages.length === 0) messages.push({ role: 'user', parts: rest });
  return messages;
}

function readTools(body: JsonRecord): Pick<CanonicalRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'> {
  const tools = body['tools'];
  const choice = body['tool_choice'];
  const read =
    tools === undefined || tools === null
      ? {}
      : { tools: requireArray(tools, 'tools').map((tool, index) => readTool(tool, `tools[${index}]`)) };
  if (choice === undefined || choice === null) return read;
  const record = requireRecord(choice, 'tool_choice');
  const serial = optionalBoolean(
    record['disable_parallel_tool_use'],
    'tool_choice.disable_parallel_tool_use',
  );
  return {
    ...read,
    toolChoice: readToolChoice(record),
    ...(serial === undefined ? {} : { parallelToolCalls: !serial }),
  };
}

function readTool(value: unknown, where: string): Tool {
  const tool = requireRecord(value, where);
  const native = { shape: SHAPE, value: tool } as const;
  const type = optionalString(tool['type'], `${where}.type`);
  const name =
    optionalString(tool['name'], `${where}.name`) ?? optionalString(tool['mcp_server_name'], where);
  if (type !== undefined && type !== 'custom') return { type: 'vendor', name: name ?? type, native };
  const description = optionalString(tool['description'], `${where}.description`);
  const mark = readMark(tool['cache_control']);
  return {
    type: 'function',
    name: requireString(tool['name'], `${where}.name`),
    ...(description === undefined ? {} : { description }),
    parameters: requireRecord(tool['input_schema'], `${where}.input_schema`),
    ...(typeof tool['strict'] === 'boolean' ? { strict: tool['strict'] } : {}),
    ...(mark === undefined ? {} : { cacheMark: mark }),
    native,
  };
}

function readToolChoice(choice: JsonRecord): ToolChoice {
  switch (choice['type']) {
    case 'auto':
      return { type: 'auto' };
    case 'any':
      return { type: 'required' };
    case 'none':
      return { type: 'none' };
    case 'tool':
      return { type: 'tool', name: requireString(choice['name'], 'tool_choice.name') };
    default:
      throw invalidValue('tool_choice.type', 'it must be auto, any, tool or none.');
  }
}

/** Thinking and output configuration, and everything that has no canonical field. */
function readOutput(body: JsonRecord): Pick<CanonicalRequest, 'reasoning' | 'responseFormat' | 'extra'> {
  const extra: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body))
    if (!READ.has(name) && value !== null) extra[name] = value;
  const config = isRecord(body['output_config']) ? body['output_config'] : {};
  const { effort, format, ...otherConfig } = config;
  if (Object.keys(otherConfig).length > 0) extra['output_config'] = otherConfig;
  const reasoning = readReasoning(body['thinking'], effort);
  if (reasoning === 'unreadable') {
    extra['thinking'] = body['thinking'];
    if (effort !== undefined) extra['output_config'] = { ...otherConfig, effort };
  }
  const responseFormat = readFormat(format);
  return {
    extra,
    ...(reasoning === undefined || reasoning === 'unreadable' ? {} : { reasoning }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
  };
}

function readFormat(format: unknown): ResponseFormat | undefined {
  if (format === undefined || format === null) return undefined;
  const record = requireRecord(format, 'output_config.format');
  if (record['type'] !== 'json_schema')
    throw invalidValue('output_config.format.type', 'it must be json_schema.');
  return {
    type: 'json-schema',
    name: 'answer',
    schema: requireRecord(record['schema'], 'output_config.format.schema'),
    strict: true,
  };
}

/** `metadata.user_id` is the end user; the rest is metadata as in the other shapes. */
function readUser(metadata: unknown): Pick<CanonicalRequest, 'metadata' | 'endUser'> {
  if (metadata === undefined || metadata === null) return { metadata: {} };
  const { user_id: user, ...rest } = requireRecord(metadata, 'metadata');
  const endUser = optionalString(user, 'metadata.user_id');
  return { metadata: readMetadata(rest), ...(endUser === undefined ? {} : { endUser }) };
}
