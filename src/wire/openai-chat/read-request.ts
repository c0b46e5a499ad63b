// Reads a chat-completions request body into the canonical form: hand-written, because it is on the hot path.
import type { CanonicalRequest, ReasoningRequest } from '../../contract/canonical.ts';
import { readMetadata } from '../binnacle-fields.ts';
import {
  present,
  readAsked,
  readExtra,
  readResponseFormat,
  readToolChoice,
  readTools,
} from '../openai-fields.ts';
import {
  invalid,
  invalidValue,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalString,
  requireRecord,
  requireString,
  type JsonRecord,
} from '../read-json.ts';
import { readMessages } from './read-message.ts';

const SHAPE = 'openai-chat';
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
  const { model, prompt } = readAsked(body);
  const withoutMessages =
    prompt !== undefined && (body['messages'] === undefined || body['messages'] === null);
  const messages = withoutMessages ? [] : readMessages(body['messages']);
  if (messages.length === 0 && prompt === undefined) throw invalidValue('messages', 'it is empty.');
  const tools = readTools(body['tools'], SHAPE);
  const stream = optionalBoolean(body['stream'], 'stream') ?? false;
  return {
    shape: SHAPE,
    messages,
    stream,
    metadata: readMetadata(body['metadata']),
    extra: readExtra(body, KNOWN),
    native: { shape: SHAPE, value: body },
    ...present({
      model,
      prompt,
      tools,
      includeUsage: stream ? readIncludeUsage(body['stream_options']) : undefined,
      toolChoice: readToolChoice(body['tool_choice'], SHAPE),
      parallelToolCalls: optionalBoolean(body['parallel_tool_calls'], 'parallel_tool_calls'),
      responseFormat: readResponseFormat(body['response_format'], 'response_format', SHAPE),
      endUser: optionalString(body['user'], 'user'),
      ...readSampling(body),
    }),
  };
}
