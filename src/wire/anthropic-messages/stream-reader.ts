// The event stream of the Messages API as canonical events. `message_stop` is its end mark.
import type { CanonicalEvent, StreamChunk } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import type { JsonRecord } from '../read-json.ts';
import { isRecord, parseOrUndefined, stringOf } from '../read-json.ts';
import type { EventPayload, StreamReader } from '../shape.ts';
import { readAnthropicUsage } from '../usage/anthropic.ts';
import { readStopReason } from './finish-reason.ts';
import { errorOf } from './read-error.ts';

const OPAQUE: readonly CanonicalEvent[] = [{ type: 'opaque' }];
const NOTHING: readonly CanonicalEvent[] = [];

/** A tool call whose block is open: its arguments come as text, or whole at the start, or not at all. */
interface OpenCall {
  readonly call: number;
  readonly input: unknown;
  hasText: boolean;
}

export class AnthropicStreamReader implements StreamReader {
  readonly #provider: string;
  readonly #calls = new Map<unknown, OpenCall>();
  #callCount = 0;
  #openMessage: string | undefined;
  #ended = false;
  #usage: JsonRecord = {};

  constructor(provider: string) {
    this.#provider = provider;
  }

  read(payload: EventPayload): StreamChunk {
    const value = parseOrUndefined(payload.data);
    if (!isRecord(value) || typeof value['type'] !== 'string')
      throw this.#bad('sent an event that is not one of the Messages API.');
    const events = this.#events(value, payload.data);
    return {
      events,
      native: { shape: 'anthropic-messages', event: payload.event ?? value['type'], data: payload.data },
    };
  }

  end(): void {
    if (!this.#ended)
      throw new UpstreamError({
        kind: 'cut_stream',
        provider: this.#provider,
        message: `${this.#provider} ended its stream before \`message_stop\`.`,
      });
  }

  #events(value: JsonRecord, data: string): readonly CanonicalEvent[] {
    switch (value['type']) {
      case 'message_start':
        return this.#messageStart(value);
      case 'content_block_start':
        return this.#blockStart(value);
      case 'content_block_delta':
        return this.#blockDelta(value);
      case 'content_block_stop':
        return this.#blockStop(value);
      case 'message_delta':
        return this.#messageDelta(value);
      case 'message_stop':
        this.#openMessage = undefined;
        this.#ended = true;
        return NOTHING;
      case 'ping':
        return NOTHING;
      case 'error':
        throw errorOf(data, this.#provider);
      default:
        return OPAQUE;
    }
  }

  /** The same message may be started twice (a proxy that tried again); another one inside an open one is two streams spliced. */
  #messageStart(value: JsonRecord): readonly CanonicalEvent[] {
    const message = isRecord(value['message']) ? value['message'] : {};
    const id = stringOf(message['id']) ?? '';
    if (this.#openMessage === id) return NOTHING;
    if (this.#openMessage !== undefined)
      throw this.#bad(`started message ${id} while message ${this.#openMessage} was still open.`);
    this.#openMessage = id;
    this.#ended = false;
    this.#calls.clear();
    this.#usage = isRecord(message['usage']) ? message['usage'] : {};
    return [{ type: 'start', id, model: stringOf(message['model']) ?? '', created: 0 }];
  }

  #blockStart(value: JsonRecord): readonly CanonicalEvent[] {
    const block = isRecord(value['content_block']) ? value['content_block'] : {};
    switch (block['type']) {
      case 'text':
        return textDelta(block['text']);
      case 'thinking':
        return thinkingDelta(block['thinking']);
      case 'redacted_thinking':
        return [{ type: 'reasoning-delta', choice: 0, text: '', redacted: stringOf(block['data']) ?? '' }];
      case 'tool_use': {
        const call = this.#callCount++;
        this.#calls.set(value['index'], { call, input: block['input'], hasText: false });
        return [
          {
            type: 'tool-call-start',
            choice: 0,
            call,
            id: stringOf(block['id']) ?? '',
            name: stringOf(block['name']) ?? '',
          },
        ];
      }
      default:
        return OPAQUE;
    }
  }

  #blockDelta(value: JsonRecord): readonly CanonicalEvent[] {
    const delta = isRecord(value['delta']) ? value['delta'] : {};
    switch (delta['type']) {
      case 'text_delta':
        return textDelta(delta['text']);
      case 'thinking_delta':
        return thinkingDelta(delta['thinking']);
      case 'signature_delta':
        return [
          { type: 'reasoning-delta', choice: 0, text: '', signature: stringOf(delta['signature']) ?? '' },
        ];
      case 'input_json_delta': {
        const open = this.#calls.get(value['index']);
        const text = stringOf(delta['partial_json']) ?? '';
        if (open === undefined) return OPAQUE;
        if (text === '') return NOTHING;
        open.hasText = true;
        return [{ type: 'tool-call-delta', choice: 0, call: open.call, arguments: text }];
      }
      default:
        return OPAQUE;
    }
  }

  #blockStop(value: JsonRecord): readonly CanonicalEvent[] {
    const open = this.#calls.get(value['index']);
    if (open === undefined) return NOTHING;
    this.#calls.delete(value['index']);
    if (open.hasText) return NOTHING;
    const text = JSON.stringify(open.input ?? {});
    return [{ type: 'tool-call-delta', choice: 0, call: open.call, arguments: text }];
  }

  #messageDelta(value: JsonRecord): readonly CanonicalEvent[] {
    const events: CanonicalEvent[] = [];
    const delta = isRecord(value['delta']) ? value['delta'] : {};
    const reason = stringOf(delta['stop_reason']);
    if (reason !== undefined)
      events.push({ type: 'finish', choice: 0, reason: readStopReason(reason), nativeReason: reason });
    if (isRecord(value['usage'])) {
      const latest = Object.entries(value['usage']).filter(([, each]) => each !== null && each !== undefined);
      this.#usage = { ...this.#usage, ...Object.fromEntries(latest) };
      const usage = readAnthropicUsage(this.#usage);
      if (usage !== null) events.push({ type: 'usage', usage });
    }
    return events;
  }

  #bad(what: string): UpstreamError {
    return new UpstreamError({
      kind: 'bad_answer',
      provider: this.#provider,
      message: `${this.#provider} ${what}`,
    });
  }
}

function textDelta(text: unknown): readonly CanonicalEvent[] {
  return typeof text === 'string' && text !== '' ? [{ type: 'text-delta', choice: 0, text }] : NOTHING;
}

function thinkingDelta(text: unknown): readonly CanonicalEvent[] {
  return typeof text === 'string' && text !== '' ? [{ type: 'reasoning-delta', choice: 0, text }] : NOTHING;
}
