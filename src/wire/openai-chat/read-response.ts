// Reads a vendor's complete chat-completions answer, with the dialects of compatible vendors: reasoning under two names, content as an
// array of thinking and text, tool calls without `type`, arguments as objects, an error inside a 200. Legacy text completions too.
import type { CanonicalResponse, Choice, Part } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import { kindOfErrorWords } from '../error-kind.ts';
import { isRecord, listOf, parseOrUndefined, stringOf, type JsonRecord } from '../read-json.ts';
import { readFinishReason } from './finish-reason.ts';
import { readChatUsage } from '../usage/chat.ts';

/** What an error body says; also of vendors that put `message` or `detail` at the top. */
export function readErrorObject(body: unknown): {
  message?: string;
  code?: string;
  type?: string;
  param?: string;
} {
  if (!isRecord(body)) return {};
  const error = isRecord(body['error']) ? body['error'] : body;
  const detail = stringOf(body['detail']);
  const message =
    stringOf(error['message']) ?? stringOf(body['error']) ?? (detail === undefined ? undefined : detail);
  const code = typeof error['code'] === 'number' ? String(error['code']) : stringOf(error['code']);
  const type = stringOf(error['type']);
  const param = stringOf(error['param']);
  return {
    ...(message === undefined ? {} : { message }),
    ...(code === undefined ? {} : { code }),
    ...(type === undefined ? {} : { type }),
    ...(param === undefined ? {} : { param }),
  };
}

/** An UpstreamError for an error object that came inside a 200 answer or a stream. */
export function errorInside(body: unknown, provider: string): UpstreamError {
  const error = readErrorObject(body);
  return new UpstreamError({
    kind: kindOfErrorWords(error.type, error.code),
    provider,
    message: `${provider} answered with an error inside: ${error.message ?? 'it gave no reason'}`,
    ...(error.param === undefined ? {} : { param: error.param }),
  });
}

export function badAnswer(provider: string, what: string): UpstreamError {
  return new UpstreamError({
    kind: 'bad_answer',
    provider,
    message: `${provider} answered with something that is not a chat completion: ${what}.`,
  });
}

/** A tool call's arguments as JSON text, whatever form the vendor gave them. */
export function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function thinkingText(value: unknown): string {
  if (typeof value === 'string') return value;
  return listOf(value)
    .map((item) => (isRecord(item) ? (stringOf(item['text']) ?? '') : ''))
    .join('');
}

/** Content in a string or in an array of text and thinking parts, in order. */
export function readContentPieces(
  content: unknown,
): readonly { readonly kind: 'text' | 'reasoning' | 'refusal'; readonly text: string }[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  const pieces: { kind: 'text' | 'reasoning' | 'refusal'; text: string }[] = [];
  for (const part of listOf(content)) {
    if (!isRecord(part)) continue;
    if (part['type'] === 'thinking') pieces.push({ kind: 'reasoning', text: thinkingText(part['thinking']) });
    else if (part['type'] === 'refusal')
      pieces.push({ kind: 'refusal', text: stringOf(part['refusal']) ?? '' });
    else if (typeof part['text'] === 'string') pieces.push({ kind: 'text', text: part['text'] });
  }
  return pieces;
}

/** The reasoning text of a message or delta: `reasoning_content` (DeepSeek, xAI, vLLM) or `reasoning` (Groq, OpenRouter, Ollama). */
export function reasoningOf(message: JsonRecord): string | undefined {
  return stringOf(message['reasoning_content']) ?? stringOf(message['reasoning']);
}

function readToolCalls(message: JsonRecord, parts: Part[]): void {
  for (const call of listOf(message['tool_calls'])) {
    if (!isRecord(call) || !isRecord(call['function'])) continue;
    parts.push({
      type: 'tool-call',
      id: stringOf(call['id']) ?? '',
      name: stringOf(call['function']['name']) ?? '',
      arguments: argumentsText(call['function']['arguments']),
      native: { shape: 'openai-chat', value: call },
    });
  }
  const legacy = message['function_call'];
  if (isRecord(legacy)) {
    parts.push({
      type: 'tool-call',
      id: '',
      name: stringOf(legacy['name']) ?? '',
      arguments: argumentsText(legacy['arguments']),
    });
  }
}

function readChoice(value: unknown, position: number, provider: string): Choice {
  if (!isRecord(value)) throw badAnswer(provider, `choice ${position} is no object`);
  const message = isRecord(value['message']) ? value['message'] : { content: value['text'] };
  const parts: Part[] = [];
  const reasoning = reasoningOf(message);
  if (reasoning !== undefined && reasoning !== '') parts.push({ type: 'reasoning', text: reasoning });
  for (const piece of readContentPieces(message['content']))
    parts.push({ type: piece.kind, text: piece.text });
  const refusal = stringOf(message['refusal']);
  if (refusal !== undefined && refusal !== '') parts.push({ type: 'refusal', text: refusal });
  readToolCalls(message, parts);
  const word = stringOf(value['finish_reason']);
  const finishReason = word === undefined ? 'unknown' : readFinishReason(word);
  return {
    index: typeof value['index'] === 'number' ? value['index'] : position,
    parts,
    finishReason,
    ...(word === undefined ? {} : { nativeFinishReason: word }),
  };
}

/** Reads a parsed 200 body. Throws an UpstreamError for an error inside and for what has no choices. */
export function readChatResponseBody(body: unknown, provider: string): CanonicalResponse {
  if (!isRecord(body)) throw badAnswer(provider, 'it is no JSON object');
  if (isRecord(body['error'])) throw errorInside(body, provider);
  if (!Array.isArray(body['choices'])) throw badAnswer(provider, 'it has no choices');
  if (body['choices'].length === 0) throw badAnswer(provider, 'its list of choices is empty');
  const groq = isRecord(body['x_groq']) ? body['x_groq'] : {};
  const fingerprint = stringOf(body['system_fingerprint']);
  return {
    id: stringOf(body['id']) ?? '',
    model: stringOf(body['model']) ?? '',
    created: typeof body['created'] === 'number' ? body['created'] : 0,
    choices: body['choices'].map((choice, position) => readChoice(choice, position, provider)),
    usage: readChatUsage(body['usage']) ?? readChatUsage(groq['usage']),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    native: { shape: 'openai-chat', value: body },
  };
}

/** Reads the text of a 200 body. */
export function readChatResponse(text: string, provider: string): CanonicalResponse {
  const body = parseOrUndefined(text);
  if (body === undefined) throw badAnswer(provider, 'it is not JSON');
  return { ...readChatResponseBody(body, provider), nativeText: text };
}
