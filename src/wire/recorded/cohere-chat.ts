// Cohere's chat API (version 2), read only.
import type {
  CanonicalEvent,
  CanonicalResponse,
  FinishReason,
  Part,
  StreamChunk,
} from '../../contract/canonical.ts';
import type { UsageDetail } from '../../contract/usage.ts';
import { countOf, isRecord, listOf, parseOrUndefined, stringOf, type JsonRecord } from '../read-json.ts';
import type { EventPayload, StreamReader } from '../shape.ts';
import { notTheFormat, onlyChoice, readEvent, reasonIn, type AnswerReader } from './answer-reader.ts';

const REASONS: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool-calls',
  ERROR: 'error',
};

/** `tokens` are what was processed; cached ones are among the input. */
function readUsage(raw: unknown): UsageDetail | null {
  if (!isRecord(raw)) return null;
  const tokens = isRecord(raw['tokens'])
    ? raw['tokens']
    : isRecord(raw['billed_units'])
      ? raw['billed_units']
      : {};
  const input = countOf(tokens['input_tokens']);
  const cached = Math.min(input, countOf(raw['cached_tokens']));
  const usage = {
    input: input - cached,
    cache_read: cached,
    cache_write: 0,
    output: countOf(tokens['output_tokens']),
    reasoning: 0,
  };
  return { usage, raw };
}

/** Cohere writes `null` for no arguments. */
function argumentsOf(details: JsonRecord): string {
  const text = stringOf(details['arguments']) ?? '';
  return text === 'null' || text === '' ? '{}' : text;
}

function readMessage(message: JsonRecord): Part[] {
  const parts: Part[] = [];
  for (const block of listOf(message['content'])) {
    if (!isRecord(block)) continue;
    if (block['type'] === 'thinking')
      parts.push({ type: 'reasoning', text: stringOf(block['thinking']) ?? '' });
    else if (typeof block['text'] === 'string') parts.push({ type: 'text', text: block['text'] });
  }
  for (const call of listOf(message['tool_calls'])) {
    if (!isRecord(call) || !isRecord(call['function'])) continue;
    const details = call['function'];
    parts.push({
      type: 'tool-call',
      id: stringOf(call['id']) ?? '',
      name: stringOf(details['name']) ?? '',
      arguments: argumentsOf(details),
    });
  }
  return parts;
}

function readResponse(text: string, provider: string): CanonicalResponse {
  const body = parseOrUndefined(text);
  if (!isRecord(body) || !isRecord(body['message']))
    throw notTheFormat(provider, 'it is no Cohere chat answer');
  const word = stringOf(body['finish_reason']) ?? '';
  const id = stringOf(body['id']) ?? '';
  const finish = { reason: reasonIn(REASONS, word), word };
  return onlyChoice(id, readMessage(body['message']), finish, readUsage(body['usage']));
}

class CohereStreamReader implements StreamReader {
  readonly #provider: string;
  #calls = 0;
  #argumentCharacters = 0;
  #done = false;

  constructor(provider: string) {
    this.#provider = provider;
  }

  read(payload: EventPayload): StreamChunk {
    const body = readEvent(payload, this.#provider);
    const delta = isRecord(body['delta']) ? body['delta'] : {};
    const message = isRecord(delta['message']) ? delta['message'] : {};
    return { events: this.#eventsOf(body['type'], delta, message) };
  }

  end(): void {
    if (!this.#done) throw notTheFormat(this.#provider, 'its stream was cut');
  }

  #eventsOf(type: unknown, delta: JsonRecord, message: JsonRecord): CanonicalEvent[] {
    const content = isRecord(message['content']) ? message['content'] : {};
    const call = isRecord(message['tool_calls']) ? message['tool_calls'] : {};
    const details = isRecord(call['function']) ? call['function'] : {};
    switch (type) {
      case 'content-start':
      case 'content-delta': {
        const thinking = stringOf(content['thinking']) ?? '';
        const text = stringOf(content['text']) ?? '';
        if (thinking !== '') return [{ type: 'reasoning-delta', choice: 0, text: thinking }];
        return text === '' ? [] : [{ type: 'text-delta', choice: 0, text }];
      }
      case 'tool-call-start': {
        this.#calls += 1;
        this.#argumentCharacters = 0;
        const id = stringOf(call['id']) ?? '';
        const name = stringOf(details['name']) ?? '';
        const start: CanonicalEvent = { type: 'tool-call-start', choice: 0, call: this.#calls - 1, id, name };
        return [start, ...this.#argumentsDelta(stringOf(details['arguments']) ?? '')];
      }
      case 'tool-call-delta':
        return this.#argumentsDelta(stringOf(details['arguments']) ?? '');
      case 'tool-call-end':
        return this.#argumentCharacters === 0 ? this.#argumentsDelta('{}') : [];
      case 'message-end': {
        this.#done = true;
        const word = stringOf(delta['finish_reason']) ?? '';
        const finish: CanonicalEvent = {
          type: 'finish',
          choice: 0,
          reason: reasonIn(REASONS, word),
          nativeReason: word,
        };
        const usage = readUsage(delta['usage']);
        return usage === null ? [finish] : [finish, { type: 'usage', usage }];
      }
      default:
        return [];
    }
  }

  #argumentsDelta(text: string): CanonicalEvent[] {
    if (text === '') return [];
    this.#argumentCharacters += text.length;
    return [{ type: 'tool-call-delta', choice: 0, call: this.#calls - 1, arguments: text }];
  }
}

export const cohereChat: AnswerReader = {
  readResponse,
  streamReader: (provider) => new CohereStreamReader(provider),
};
