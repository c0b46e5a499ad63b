// An answer as the event stream of the Messages API. Native events go through as they are; others are built, opening and closing content
// blocks as the kind of content changes. `message_stop` waits for `endMark`.
import type { CanonicalEvent, FinishReason, StreamChunk } from '../../contract/canonical.ts';
import type { UsageDetail } from '../../contract/usage.ts';
import type { BinnacleError } from '../../kernel/errors.ts';
import { isRecord, parseOrUndefined } from '../read-json.ts';
import type { AnswerFacts, StreamWriter } from '../shape.ts';
import { writeStopReason } from './finish-reason.ts';
import { messageId, writeError, writeUsage } from './write-response.ts';

const BLOCK_EVENTS: ReadonlySet<string> = new Set([
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
]);

/** The block being built: its kind, and for a tool call which. */
type OpenBlock = 'text' | 'thinking' | `tool:${number}`;

export class AnthropicStreamWriter implements StreamWriter {
  readonly #facts: AnswerFacts;
  #started = false;
  #open: OpenBlock | undefined;
  #nextIndex = 0;
  /** Index of the vendor's block → ours, once they part ways. */
  readonly #nativeIndexes = new Map<number, number>();
  #renumber = false;
  #deltaWritten = false;
  #reason: FinishReason | undefined;
  #usage: UsageDetail | null = null;

  constructor(facts: AnswerFacts) {
    this.#facts = facts;
  }

  write(chunk: StreamChunk): string {
    if (chunk.native?.shape === 'anthropic-messages') return this.#writeNative(chunk.native);
    return chunk.events.map((event) => this.#writeEvent(event)).join('');
  }

  finish(): string {
    const text = this.#start() + this.#close();
    if (this.#deltaWritten) return text;
    this.#deltaWritten = true;
    const stopReason = writeStopReason(this.#reason ?? 'unknown');
    return (
      text +
      sse('message_delta', {
        type: 'message_delta',
        delta: { stop_reason: stopReason, stop_sequence: null },
        usage: writeUsage(this.#usage),
      })
    );
  }

  endMark(): string {
    return sse('message_stop', { type: 'message_stop' });
  }

  error(error: BinnacleError): string {
    return `event: error\ndata: ${writeError(error)}\n\n`;
  }

  #writeNative(native: NonNullable<StreamChunk['native']>): string {
    const value = native.event === undefined ? parseOrUndefined(native.data) : undefined;
    const event = native.event ?? (isRecord(value) ? String(value['type']) : '');
    if (event === 'message_stop') return '';
    if (event === 'message_start') {
      if (this.#started) return '';
      this.#started = true;
    }
    let before = '';
    let data = native.data;
    if (BLOCK_EVENTS.has(event)) {
      if (event === 'content_block_start') before = this.#close();
      data = this.#renumbered(event, native.data);
    }
    if (event === 'message_delta') {
      before = this.#close();
      this.#deltaWritten = true;
    }
    return `${before}event: ${event}\ndata: ${data}\n\n`;
  }

  /** Native block events keep their index until a built block came between them. */
  #renumbered(event: string, data: string): string {
    if (!this.#renumber) {
      if (event === 'content_block_start') this.#nextIndex += 1;
      return data;
    }
    const value = parseOrUndefined(data);
    if (!isRecord(value) || typeof value['index'] !== 'number') return data;
    if (event === 'content_block_start') this.#nativeIndexes.set(value['index'], this.#nextIndex++);
    return JSON.stringify({ ...value, index: this.#nativeIndexes.get(value['index']) ?? value['index'] });
  }

  #writeEvent(event: CanonicalEvent): string {
    switch (event.type) {
      case 'start':
        return this.#start(event.id);
      case 'text-delta':
      case 'refusal-delta':
        return this.#delta('text', TEXT_BLOCK, { type: 'text_delta', text: event.text });
      case 'reasoning-delta':
        return this.#reasoning(event);
      case 'tool-call-start':
        return this.#openBlock(`tool:${event.call}`, {
          type: 'tool_use',
          id: event.id,
          name: event.name,
          input: {},
        });
      case 'tool-call-delta':
        return this.#blockDelta({ type: 'input_json_delta', partial_json: event.arguments });
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'finish':
        this.#reason = event.reason;
        return '';
      default:
        return ''; // opaque: another vendor's own
    }
  }

  #reasoning(event: Extract<CanonicalEvent, { type: 'reasoning-delta' }>): string {
    if (event.redacted !== undefined)
      return this.#openBlock('thinking', { type: 'redacted_thinking', data: event.redacted }) + this.#close();
    let text = '';
    if (event.text !== '')
      text += this.#delta('thinking', THINKING_BLOCK, { type: 'thinking_delta', thinking: event.text });
    if (event.signature !== undefined)
      text +=
        this.#delta('thinking', THINKING_BLOCK, { type: 'signature_delta', signature: event.signature }) +
        this.#close();
    return text;
  }

  #start(id = ''): string {
    if (this.#started) return '';
    this.#started = true;
    return sse('message_start', {
      type: 'message_start',
      message: {
        id: messageId(id, this.#facts),
        type: 'message',
        role: 'assistant',
        model: this.#facts.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 0, output_tokens: 0 },
      },
    });
  }

  #delta(kind: OpenBlock, block: unknown, delta: unknown): string {
    return (this.#open === kind ? '' : this.#openBlock(kind, block)) + this.#blockDelta(delta);
  }

  #openBlock(kind: OpenBlock, block: unknown): string {
    const before = this.#start() + this.#close();
    this.#open = kind;
    this.#renumber = true;
    const start = { type: 'content_block_start', index: this.#nextIndex, content_block: block };
    this.#nextIndex += 1;
    return before + sse('content_block_start', start);
  }

  #blockDelta(delta: unknown): string {
    return sse('content_block_delta', { type: 'content_block_delta', index: this.#nextIndex - 1, delta });
  }

  #close(): string {
    if (this.#open === undefined) return '';
    this.#open = undefined;
    return sse('content_block_stop', { type: 'content_block_stop', index: this.#nextIndex - 1 });
  }
}

const TEXT_BLOCK = { type: 'text', text: '' };
const THINKING_BLOCK = { type: 'thinking', thinking: '', signature: '' };

function sse(event: string, value: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;
}
