// What a recorded answer of any known vendor says: visible text, calls the caller must run, disjoint usage. Pure.
import type { CanonicalResponse } from '../contract/canonical.ts';
import { UpstreamError } from '../contract/upstream-error.ts';
import type { Usage } from '../contract/usage.ts';
import { RequestError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { ResponseGatherer } from './events-of-response.ts';
import { isRecord, parseOrUndefined, requireRecord, requireString } from './read-json.ts';
import type { AnswerReader } from './recorded/answer-reader.ts';
import type { EventPayload } from './shape.ts';
import { SseDecoder } from './sse-decoder.ts';
import { readAnyUsage } from './usage/any-usage.ts';
import { isErrorBody, readerOf, VENDORS } from './vendors.ts';

export interface ParsedAnswer {
  readonly text: string;
  /** `arguments` is JSON text, as the model wrote it. */
  readonly tool_calls: readonly { readonly id?: string; readonly name: string; readonly arguments: string }[];
  readonly usage: Usage | null;
  /** The vendor's own word; `error` where the answer is an error, null where it says nothing. */
  readonly finish_reason: string | null;
}

const ERROR_ANSWER: ParsedAnswer = { text: '', tool_calls: [], usage: null, finish_reason: 'error' };

function bodyText(body: unknown, kind: string): string {
  if (typeof body === 'string') return body;
  if (kind === 'stream' && Array.isArray(body))
    return body.map((event) => (typeof event === 'string' ? event : JSON.stringify(event))).join('\n');
  if (isRecord(body)) return JSON.stringify(body);
  throw new RequestError({
    code: 'invalid_type',
    message: '"body" must be the text of an answer.',
    param: 'body',
  });
}

/** Event payloads of a recorded stream: one a line, or as server-sent events. */
export function payloadsOf(text: string): readonly EventPayload[] {
  if (/^(data|event|id|retry)?:/m.test(text)) {
    const decoder = new SseDecoder();
    return [...decoder.push(Buffer.from(text)), ...decoder.end()];
  }
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((data) => ({ data }));
}

/** Tells the first choice of an answer. */
function tell(response: CanonicalResponse): ParsedAnswer {
  const choice = response.choices[0];
  let text = '';
  const calls: { id?: string; name: string; arguments: string }[] = [];
  for (const part of choice?.parts ?? []) {
    if (part.type === 'text') text += part.text;
    if (part.type === 'tool-call') {
      const { id, name } = part;
      calls.push({
        ...(id === '' ? {} : { id }),
        name,
        arguments: part.arguments === '' ? '{}' : part.arguments,
      });
    }
  }
  return {
    text,
    tool_calls: calls,
    usage: response.usage === null ? null : response.usage.usage,
    finish_reason: choice?.nativeFinishReason ?? null,
  };
}

function parseWhole(text: string, vendor: string): ParsedAnswer {
  const body = parseOrUndefined(text);
  if (!isRecord(body))
    throw new RequestError({
      code: 'invalid_json',
      message: 'The body is not a JSON object.',
      param: 'body',
    });
  const reader = knownReader(vendor, body);
  if (isErrorBody(body) && !('choices' in body)) return ERROR_ANSWER;
  const isEmbedding = Array.isArray(body['data']) || 'embeddings' in body || 'embedding' in body;
  if (isEmbedding && !('choices' in body))
    return {
      text: '',
      tool_calls: [],
      usage: readAnyUsage(body['usage'])?.usage ?? null,
      finish_reason: null,
    };
  return tell(reader.readResponse(text, vendor));
}

/** Reads a stream to its end, or to the error inside it; a cut one tells what had come. */
export function parseStream(payloads: readonly EventPayload[], vendor: string): ParsedAnswer {
  const first = payloads[0];
  if (first === undefined)
    throw new RequestError({ code: 'empty_stream', message: 'The stream has no events.', param: 'body' });
  const reader = knownReader(vendor, parseOrUndefined(first.data)).streamReader(vendor);
  const gatherer = new ResponseGatherer();
  try {
    for (const payload of payloads) for (const event of reader.read(payload).events) gatherer.add(event);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return { ...tell(gatherer.response()), usage: null, finish_reason: 'error' };
  }
  return tell(gatherer.response());
}

function knownReader(vendor: string, sample: unknown): AnswerReader {
  const reader = readerOf(vendor, sample);
  if (reader !== undefined) return reader;
  throw new RequestError({
    code: 'unknown_provider',
    message: `There is no reader for provider "${vendor.slice(0, 60)}".${didYouMean(vendor, VENDORS)} Known: ${VENDORS.join(', ')}.`,
    param: 'provider',
  });
}

/** Parses one line `{provider, kind, body}`. An error of the vendor's is an answer; throws for what can't be read. */
export function parseAnswer(line: unknown): ParsedAnswer {
  const record = requireRecord(line, 'line');
  const vendor = requireString(record['provider'], 'provider');
  const kind = requireString(record['kind'], 'kind');
  if (kind !== 'json' && kind !== 'stream')
    throw new RequestError({
      code: 'invalid_value',
      message: '"kind" must be json or stream.',
      param: 'kind',
    });
  const text = bodyText(record['body'], kind);
  return kind === 'json' ? parseWhole(text, vendor) : parseStream(payloadsOf(text), vendor);
}
