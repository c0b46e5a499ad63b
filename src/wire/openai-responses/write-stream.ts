// Writes an answer to the application as the typed event stream of the Responses API. Events of the same shape go out as they came;
// otherwise items and their parts are opened, filled and closed in order, one at a time.
import type { CanonicalEvent, FinishReason, StreamChunk } from '../../contract/canonical.ts';
import type { UsageDetail } from '../../contract/usage.ts';
import type { BinnacleError } from '../../kernel/errors.ts';
import { writeErrorObject } from '../openai-chat/write-response.ts';
import type { AnswerFacts, StreamWriter } from '../shape.ts';
import { StreamItems } from './stream-items.ts';
import { responseObject, statusOf, writeResponsesUsage } from './write-response.ts';

/** Events of the vendor's that end the stream: held back until the interaction is recorded. */
const END_EVENTS: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete']);

export class ResponsesStreamWriter implements StreamWriter {
  readonly #items: StreamItems;
  #head: { id: string; model: string; created: number };
  #sequence = 0;
  #opened = false;
  #nativeEnd: { event: string; data: string } | undefined;
  #usage: UsageDetail | null = null;
  #finish: FinishReason = 'stop';

  constructor(facts: AnswerFacts) {
    this.#head = { id: `resp_${facts.interaction}`, model: facts.model, created: facts.created };
    this.#items = new StreamItems(facts.interaction, (type, body) => this.#event(type, body));
  }

  write(chunk: StreamChunk): string {
    const { native } = chunk;
    if (native?.shape === 'openai-responses')
      return this.#passOn(chunk, native.event ?? 'message', native.data);
    let text = '';
    for (const event of chunk.events) text += this.#write(event);
    return text;
  }

  finish(): string {
    if (this.#nativeEnd !== undefined) return '';
    return this.#open() + this.#items.close();
  }

  endMark(): string {
    if (this.#nativeEnd !== undefined)
      return `event: ${this.#nativeEnd.event}\ndata: ${this.#nativeEnd.data}\n\n`;
    const ended = statusOf(this.#finish);
    const response = responseObject(this.#head, {
      ...ended,
      output: this.#items.output,
      usage: writeResponsesUsage(this.#usage),
    });
    return this.#event(`response.${ended.status}`, { response });
  }

  error(error: BinnacleError): string {
    const { code, message, param } = writeErrorObject(error);
    return this.#event('error', { code, message, param });
  }

  #passOn(chunk: StreamChunk, event: string, data: string): string {
    this.#opened = true;
    this.#sequence += 1;
    for (const each of chunk.events) this.#note(each);
    if (!END_EVENTS.has(event)) return `event: ${event}\ndata: ${data}\n\n`;
    this.#nativeEnd = { event, data };
    return '';
  }

  #note(event: CanonicalEvent): void {
    if (event.type === 'usage') this.#usage = event.usage;
    if (event.type === 'finish') this.#finish = event.reason;
    if (event.type === 'start') {
      const { id, model, created } = event;
      this.#head = {
        id: id.startsWith('resp_') ? id : this.#head.id,
        model: model === '' ? this.#head.model : model,
        created: created > 0 ? created : this.#head.created,
      };
    }
  }

  #write(event: CanonicalEvent): string {
    this.#note(event);
    // One response holds one answer: other choices have no place in this shape.
    if ('choice' in event && event.choice > 0) return '';
    switch (event.type) {
      case 'start':
        return this.#open();
      case 'text-delta':
      case 'refusal-delta':
      case 'reasoning-delta':
      case 'tool-call-start':
      case 'tool-call-delta':
        return this.#open() + this.#items.write(event);
      case 'opaque':
      case 'usage':
      case 'finish':
      default:
        return '';
    }
  }

  #open(): string {
    if (this.#opened) return '';
    this.#opened = true;
    const response = responseObject(this.#head, { status: 'in_progress', output: [] });
    return this.#event('response.created', { response }) + this.#event('response.in_progress', { response });
  }

  #event(type: string, body: Readonly<Record<string, unknown>>): string {
    const data = JSON.stringify({ type, sequence_number: this.#sequence, ...body });
    this.#sequence += 1;
    return `event: ${type}\ndata: ${data}\n\n`;
  }
}
