// From bytes as they arrive to server-sent events: UTF-8 split across chunks, any line end, comments, and a bound on what one event may
// hold. The parsing itself is eventsource-parser's.
import { createParser, type EventSourceParser } from 'eventsource-parser';
import type { EventPayload } from './shape.ts';

/** Characters one unfinished event may hold. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

export class SseDecoder {
  readonly #text = new TextDecoder('utf-8');
  readonly #parser: EventSourceParser;
  #events: EventPayload[] = [];
  #tooLarge = false;

  constructor() {
    this.#parser = createParser({
      maxBufferSize: MAX_EVENT_CHARACTERS,
      onEvent: (event) => {
        this.#events.push(
          event.event === undefined ? { data: event.data } : { event: event.event, data: event.data },
        );
      },
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.#tooLarge = true;
      },
    });
  }

  /** Whether an event grew beyond the bound; nothing is decoded from then on. */
  get tooLarge(): boolean {
    return this.#tooLarge;
  }

  /** The events that these bytes complete. */
  push(bytes: Uint8Array): readonly EventPayload[] {
    if (this.#tooLarge) return [];
    this.#parser.feed(this.#text.decode(bytes, { stream: true }));
    return this.#take();
  }

  /**
   * The event left open at the end of the bytes, if its data is whole: some servers leave out the last empty line. Half an event is
   * dropped, so that a cut stream reads as cut.
   */
  end(): readonly EventPayload[] {
    if (this.#tooLarge) return [];
    this.#parser.feed(`${this.#text.decode()}\n\n`);
    return this.#take().filter(({ data }) => isWhole(data));
  }

  #take(): readonly EventPayload[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

function isWhole(data: string): boolean {
  if (data === '[DONE]') return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}
