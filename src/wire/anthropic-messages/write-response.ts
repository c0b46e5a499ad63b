// A canonical answer, and an error, as the application that speaks the Messages API reads them.
import type { CanonicalResponse, Part } from '../../contract/canonical.ts';
import type { UsageDetail } from '../../contract/usage.ts';
import type { BinnacleError } from '../../kernel/errors.ts';
import { parseOrUndefined } from '../read-json.ts';
import type { AnswerFacts } from '../shape.ts';
import { writeStopReason } from './finish-reason.ts';

const SHAPE = 'anthropic-messages';

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The JSON text of a complete answer: the vendor's own bytes where it spoke this shape. */
export function writeResponse(response: CanonicalResponse, facts: AnswerFacts): string {
  if (response.native?.shape === SHAPE) return response.nativeText ?? JSON.stringify(response.native.value);
  const choice = response.choices[0];
  return JSON.stringify({
    id: messageId(response.id, facts),
    type: 'message',
    role: 'assistant',
    model: facts.model,
    content: (choice?.parts ?? []).map(writePart).filter((block) => block !== undefined),
    stop_reason: writeStopReason(choice?.finishReason ?? 'unknown'),
    stop_sequence: null,
    usage: writeUsage(response.usage),
  });
}

/** An id that this API's clients know the look of. */
export function messageId(id: string, facts: AnswerFacts): string {
  return id.startsWith('msg_') ? id : `msg_${facts.interaction}`;
}

/** The usage of another vendor in this API's classes; zeroes where the vendor sent none, since clients require the object. */
export function writeUsage(detail: UsageDetail | null): Readonly<Record<string, unknown>> {
  const usage = detail?.usage ?? { input: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 };
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cache_write,
    cache_read_input_tokens: usage.cache_read,
    output_tokens: usage.output + usage.reasoning,
    ...(usage.reasoning > 0 ? { output_tokens_details: { thinking_tokens: usage.reasoning } } : {}),
  };
}

function writePart(part: Part): unknown {
  if (part.native?.shape === SHAPE) return part.native.value;
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' ? undefined : { type: 'text', text: part.text };
    case 'reasoning':
      return part.redacted === undefined
        ? { type: 'thinking', thinking: part.text, signature: part.signature ?? '' }
        : { type: 'redacted_thinking', data: part.redacted };
    case 'tool-call':
      return {
        type: 'tool_use',
        id: part.id,
        name: part.name,
        input: parseOrUndefined(part.arguments === '' ? '{}' : part.arguments) ?? {},
      };
    default:
      // Images, documents and other vendors' own content: no block of an answer holds them.
      return undefined;
  }
}

/** `{type: "error", error: {type, message}}`; `code` and `param` beside them, which clients ignore that don't know them. */
export function writeError(error: BinnacleError): string {
  const { httpStatus } = error;
  const type = TYPES[httpStatus] ?? (httpStatus >= 500 ? 'api_error' : 'invalid_request_error');
  return JSON.stringify({
    type: 'error',
    error: {
      type,
      message: error.message,
      code: error.code,
      ...(error.param === undefined ? {} : { param: error.param }),
    },
  });
}
