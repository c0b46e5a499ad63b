// Reads a request of the Responses API into the canonical form. State kept at the server (earlier responses, conversations, background
// work) is not had: asking for it is a clear 400.
import type {
  CanonicalRequest,
  Message,
  Part,
  ReasoningRequest,
  ResponseFormat,
} from '../../contract/canonical.ts';
import { RequestError } from '../../kernel/errors.ts';
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
  isRecord,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalString,
  requireRecord,
  type JsonRecord,
} from '../read-json.ts';
import { readInput } from './read-input.ts';

const SHAPE = 'openai-responses';

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
  // Refused when true; else it asks for what is the case anyway.
  'background',
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

function readFormat(text: unknown): ResponseFormat | undefined {
  if (text === undefined || text === null) return undefined;
  return readResponseFormat(requireRecord(text, 'text')['format'], 'text.format', SHAPE);
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
function readOthers(body: JsonRecord): Readonly<Record<string, unknown>> {
  const extra = readExtra(body, KNOWN);
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
  const { model, prompt } = readAsked(body);
  const fields = {
    model,
    prompt,
    tools: readTools(body['tools'], SHAPE),
    toolChoice: readToolChoice(body['tool_choice'], SHAPE),
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
    shape: SHAPE,
    messages: readMessages(body, prompt !== undefined),
    stream: optionalBoolean(body['stream'], 'stream') ?? false,
    includeUsage: true,
    metadata: readMetadata(body['metadata']),
    extra: readOthers(body),
    native: { shape: SHAPE, value: body },
    ...present(fields),
  };
}
