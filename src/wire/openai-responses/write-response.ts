// Writes an answer to the application as a response object, whole. The stream's last event holds the same object.
import type { CanonicalResponse, FinishReason, Part } from '../../contract/canonical.ts';
import type { UsageDetail } from '../../contract/usage.ts';
import { isRecord } from '../read-json.ts';
import type { AnswerFacts } from '../shape.ts';

/** What `status` and `incomplete_details` say for a finish reason. */
export function statusOf(reason: FinishReason): {
  readonly status: string;
  readonly incomplete_details: unknown;
} {
  if (reason === 'length')
    return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  if (reason === 'content-filter')
    return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
  return { status: 'completed', incomplete_details: null };
}

/** Totals that contain their parts, as the Responses API counts. */
export function writeResponsesUsage(detail: UsageDetail | null): unknown {
  if (detail === null) return null;
  const { input, cache_read, cache_write, output, reasoning } = detail.usage;
  const inputTokens = input + cache_read + cache_write;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cache_read, cache_write_tokens: cache_write },
    output_tokens: output + reasoning,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: inputTokens + output + reasoning,
  };
}

/** A response object; `output` and the rest as given. The request's settings are not repeated: they are at their neutral values. */
export function responseObject(
  head: { readonly id: string; readonly model: string; readonly created: number },
  rest: {
    readonly status: string;
    readonly output: readonly unknown[];
    readonly incomplete_details?: unknown;
    readonly usage?: unknown;
    readonly error?: unknown;
  },
): Readonly<Record<string, unknown>> {
  return {
    id: head.id,
    object: 'response',
    created_at: head.created,
    status: rest.status,
    background: false,
    error: rest.error ?? null,
    incomplete_details: rest.incomplete_details ?? null,
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    model: head.model,
    output: rest.output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: null,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    truncation: 'disabled',
    usage: rest.usage ?? null,
    user: null,
  };
}

export function messageItem(
  id: string,
  status: string,
  content: readonly unknown[],
): Readonly<Record<string, unknown>> {
  return { id, type: 'message', status, role: 'assistant', content };
}

export function callItem(
  id: string,
  status: string,
  call: { readonly id: string; readonly name: string; readonly arguments: string },
): Readonly<Record<string, unknown>> {
  return { id, type: 'function_call', status, call_id: call.id, name: call.name, arguments: call.arguments };
}

export function reasoningItem(id: string, text: string): Readonly<Record<string, unknown>> {
  return { id, type: 'reasoning', summary: text === '' ? [] : [{ type: 'summary_text', text }] };
}

export function textContent(text: string): Readonly<Record<string, unknown>> {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** Output items of an answer's parts; neighbouring text and refusals are one message. */
function writeOutput(parts: readonly Part[], id: string): readonly unknown[] {
  const output: unknown[] = [];
  let content: unknown[] = [];
  const flush = (): void => {
    if (content.length > 0) output.push(messageItem(`msg_${id}_${output.length}`, 'completed', content));
    content = [];
  };
  for (const part of parts) {
    if (part.type === 'text') content.push(textContent(part.text));
    else if (part.type === 'refusal') content.push({ type: 'refusal', refusal: part.text });
    else {
      flush();
      const itemId = `${id}_${output.length}`;
      if (part.type === 'tool-call') output.push(callItem(`fc_${itemId}`, 'completed', part));
      else if (part.type === 'reasoning') output.push(reasoningItem(`rs_${itemId}`, part.text));
      else if (
        part.type === 'opaque' &&
        part.native.shape === 'openai-responses' &&
        isRecord(part.native.value)
      )
        output.push(part.native.value);
    }
  }
  flush();
  return output;
}

export function writeResponse(response: CanonicalResponse, facts: AnswerFacts): string {
  if (response.native?.shape === 'openai-responses')
    return response.nativeText ?? JSON.stringify(response.native.value);
  const id = response.id.startsWith('resp_') ? response.id : `resp_${facts.interaction}`;
  const head = {
    id,
    model: response.model === '' ? facts.model : response.model,
    created: response.created > 0 ? response.created : facts.created,
  };
  const choice = response.choices[0];
  return JSON.stringify(
    responseObject(head, {
      ...statusOf(choice?.finishReason ?? 'unknown'),
      output: writeOutput(choice?.parts ?? [], facts.interaction),
      usage: writeResponsesUsage(response.usage),
    }),
  );
}
