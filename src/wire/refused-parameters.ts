// What a vendor cannot do is a 400 naming the parameter as the caller wrote it, never dropped silently. A parameter set to the value
// that every vendor has anyway (`n: 1`, `logprobs: false`) asks for nothing and is let through.
import type { ApiShape, CanonicalRequest, Native } from '../contract/canonical.ts';
import { RequestError } from '../kernel/errors.ts';
import { isRecord } from './read-json.ts';

/** Canonical fields whose names differ from shape to shape. */
export type ParameterField =
  | 'count'
  | 'frequencyPenalty'
  | 'maxOutputTokens'
  | 'messages'
  | 'parallelToolCalls'
  | 'presencePenalty'
  | 'reasoning'
  | 'responseFormat'
  | 'seed'
  | 'stop'
  | 'temperature'
  | 'toolChoice'
  | 'tools'
  | 'topK';

const CHAT_NAMES: Readonly<Record<ParameterField, string>> = {
  count: 'n',
  frequencyPenalty: 'frequency_penalty',
  maxOutputTokens: 'max_completion_tokens',
  messages: 'messages',
  parallelToolCalls: 'parallel_tool_calls',
  presencePenalty: 'presence_penalty',
  reasoning: 'reasoning_effort',
  responseFormat: 'response_format',
  seed: 'seed',
  stop: 'stop',
  temperature: 'temperature',
  toolChoice: 'tool_choice',
  tools: 'tools',
  topK: 'top_k',
};

const OTHER_NAMES: Partial<Record<ApiShape, Partial<Record<ParameterField, string>>>> = {
  'openai-responses': {
    maxOutputTokens: 'max_output_tokens',
    messages: 'input',
    reasoning: 'reasoning',
    responseFormat: 'text.format',
  },
  'anthropic-messages': {
    maxOutputTokens: 'max_tokens',
    parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
    reasoning: 'thinking',
    responseFormat: 'output_config.format',
    stop: 'stop_sequences',
  },
};

/** The name a caller of the shape knows the field by. */
export function parameterName(field: ParameterField, shape: ApiShape): string {
  return OTHER_NAMES[shape]?.[field] ?? CHAT_NAMES[field];
}

/** The error for a field that the vendor can't do. `what` completes the sentence "… does not support NAME: what". */
export function refused(
  request: CanonicalRequest,
  field: ParameterField,
  vendor: string,
  what: string,
): RequestError {
  const param = parameterName(field, request.shape);
  return new RequestError({
    code: 'unsupported_parameter',
    message: `${vendor} can't do \`${param}\`: ${what}`,
    param,
  });
}

/** Values that ask for what every vendor does anyway, by the name they arrive under. */
const HARMLESS: Readonly<Record<string, readonly unknown[]>> = {
  store: [false],
  logprobs: [false],
  top_logprobs: [0],
  logit_bias: [null],
  service_tier: ['auto', 'default'],
  verbosity: ['medium'],
  background: [false],
  truncation: ['disabled'],
};

/** Throws for the first parameter of another shape that only that shape knows. */
export function refuseForeignExtra(request: CanonicalRequest, own: ApiShape, vendor: string): void {
  if (request.shape === own) return;
  for (const [name, value] of Object.entries(request.extra)) {
    if (value === null || value === undefined || HARMLESS[name]?.includes(value) === true) continue;
    throw new RequestError({
      code: 'unsupported_parameter',
      message: `${vendor} can't do \`${name}\`; leave it out or choose a model of a vendor that has it.`,
      param: name,
    });
  }
}

/** Fields of a message that only tell about an earlier answer; clients send them back unasked. */
const ANSWER_FIELDS: ReadonlySet<string> = new Set([
  'annotations',
  'refusal',
  'reasoning',
  'reasoning_details',
]);

/** Whether an opaque part holds only what an earlier answer of the chat shape brought along and no vendor needs back. */
export function isLeftover(native: Native): boolean {
  const fields = isRecord(native.value) ? native.value['messageFields'] : undefined;
  return (
    native.shape === 'openai-chat' &&
    isRecord(fields) &&
    Object.keys(fields).every((name) => ANSWER_FIELDS.has(name))
  );
}
