// One run of text inside a stream (the text of a choice, its refusal, the arguments of a tool call): which of its pieces may be sent, and
// as what. The scanner decides; this keeps count of which arrived piece each released character belongs to.
import type { CanonicalEvent } from '../../contract/canonical.ts';
import type { AppliedFinding } from '../../safety/findings.ts';
import type { Pseudonyms } from '../../safety/pseudonyms.ts';
import type { StreamScanner, StreamStep } from '../../safety/stream-scanner.ts';

export type TextEvent = Extract<
  CanonicalEvent,
  { type: 'text-delta' | 'refusal-delta' | 'reasoning-delta' | 'tool-call-delta' }
>;

/** Text kept of one channel for those who judge it as a whole, UTF-16 units. */
const MOST_TEXT = 4 * 1024 * 1024;

export function textOf(event: TextEvent): string {
  return event.type === 'tool-call-delta' ? event.arguments : event.text;
}

export function withText(event: TextEvent, text: string): TextEvent {
  return event.type === 'tool-call-delta' ? { ...event, arguments: text } : { ...event, text };
}

/** A piece as it arrived, and what of it may be sent. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  out: string;
  isSettled: boolean;
}

export interface Pushed {
  readonly piece: Piece;
  /** Something in the text so far stops the stream. */
  readonly isBlocked: boolean;
}

export class StreamChannel {
  readonly place: string;
  readonly #scanner: StreamScanner;
  readonly #waiting: Piece[] = [];
  readonly #restorer: ReturnType<Pseudonyms['restorer']> | null;
  #received = 0;
  #through = 0;
  /** What has arrived and not been released. */
  #tail = '';
  /** All that arrived. */
  text = '';

  constructor(place: string, scanner: StreamScanner, pseudonyms: Pseudonyms | null) {
    this.place = place;
    this.#scanner = scanner;
    this.#restorer = pseudonyms?.restorer() ?? null;
  }

  get findings(): readonly AppliedFinding[] {
    return this.#scanner.findings;
  }

  /** Takes what arrived. At once where the scanner is. */
  push(text: string): Pushed | Promise<Pushed> {
    const piece: Piece = {
      start: this.#received,
      end: this.#received + text.length,
      out: '',
      isSettled: text === '',
    };
    this.#received = piece.end;
    if (this.text.length < MOST_TEXT) this.text += text;
    this.#tail += text;
    if (text !== '') this.#waiting.push(piece);
    const step = this.#scanner.push(text);
    return step instanceof Promise
      ? step.then((late) => ({ piece, isBlocked: this.#apply(late) }))
      : { piece, isBlocked: this.#apply(step) };
  }

  /** Scans what is held and lets it go; true when something in it stops the stream. */
  async finish(): Promise<boolean> {
    return this.#apply(await this.#scanner.finish());
  }

  /** A released piece with values in the places of placeholders; what may be the beginning of one waits for the next. */
  restored(text: string): string {
    return this.#restorer?.push(text) ?? text;
  }

  restoredRest(): string {
    return this.#restorer?.finish() ?? '';
  }

  #apply(step: StreamStep): boolean {
    if (step.kind === 'blocked') return true;
    const raw = this.#tail.slice(0, step.through - this.#through);
    const isChanged = step.text !== raw;
    let replaced: string | null = isChanged ? step.text : null;
    for (let piece = this.#waiting[0]; piece !== undefined; piece = this.#waiting[0]) {
      const from = Math.max(piece.start, this.#through);
      const to = Math.min(piece.end, step.through);
      if (to > from) {
        if (!isChanged) piece.out += raw.slice(from - this.#through, to - this.#through);
        else if (replaced !== null) piece.out += replaced;
        replaced = null;
      }
      if (piece.end > step.through) break;
      piece.isSettled = true;
      this.#waiting.shift();
    }
    this.#tail = this.#tail.slice(raw.length);
    this.#through = step.through;
    return false;
  }
}
