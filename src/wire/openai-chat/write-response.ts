// Writes an answer to the application as a chat completion, whole.
import type { CanonicalResponse, Choice, Part } from '../../contract/canonical.ts';
import type { BinnacleError } from '../../kernel/errors.ts';
import type { AnswerFacts } from '../shape.ts';
import { writeFinishReason } from './finish-reason.ts';
import { writeChatUsage } from './write-usage.ts';

function joined(parts: readonly Part[], type: 'text' | 'refusal' | 'reasoning'): string | null {
  let text: string | null = null;
  for (const part of parts) if (part.type === type) text = (text ?? '') + part.text;
  return text;
}

function writeChoice(choice: Choice): unknown {
  const reasoning = joined(choice.parts, 'reasoning');
  const calls = choice.parts.filter((part) => part.type === 'tool-call');
  const message: Record<string, unknown> = {
    role: 'assistant',
    content: joined(choice.parts, 'text'),
    refusal: joined(choice.parts, 'refusal'),
  };
  if (reasoning !== null) message['reasoning_content'] = reasoning;
  if (calls.length > 0) {
    message['tool_calls'] = calls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    }));
  }
  return {
    index: choice.index,
    message,
    logprobs: null,
    finish_reason: writeFinishReason(choice.finishReason),
  };
}

export function writeChatResponse(response: CanonicalResponse, facts: AnswerFacts): string {
  if (response.native?.shape === 'openai-chat')
    return response.nativeText ?? JSON.stringify(response.native.value);
  return JSON.stringify({
    id: response.id === '' ? facts.interaction : response.id,
    object: 'chat.completion',
    created: response.created > 0 ? response.created : facts.created,
    model: response.model === '' ? facts.model : response.model,
    choices: response.choices.map(writeChoice),
    ...(response.usage === null ? {} : { usage: writeChatUsage(response.usage) }),
    ...(response.fingerprint === undefined ? {} : { system_fingerprint: response.fingerprint }),
  });
}

/** OpenAI's `type` for an HTTP status. */
function errorType(error: BinnacleError): string {
  switch (error.httpStatus) {
    case 401:
      return 'authentication_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 429:
      return error.code.includes('budget') || error.code.includes('quota')
        ? 'insufficient_quota'
        : 'rate_limit_error';
    default:
      return error.httpStatus >= 500 ? 'server_error' : 'invalid_request_error';
  }
}

/** `{message, type, code, param}`. */
export function writeErrorObject(error: BinnacleError): Readonly<Record<string, unknown>> {
  return { message: error.message, type: errorType(error), param: error.param ?? null, code: error.code };
}

export function writeChatError(error: BinnacleError): string {
  return JSON.stringify({ error: writeErrorObject(error) });
}
