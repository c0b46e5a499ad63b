// One HTTP exchange: undici's callbacks on one side, pulled bytes on the other, with four deadlines of their own (connect is undici's;
// first byte, idle and total are kept here), a bound on bytes and back-pressure.
import type { Dispatcher } from 'undici';
import { RequestError } from '../kernel/errors.ts';
import type { Timeouts } from './provider.ts';

/** Bytes waiting to be read above which the vendor is told to wait. */
const HIGH_WATER = 512 * 1024;

export type Phase = 'connect' | 'first byte' | 'body';

/** A deadline that passed; told apart from vendors' failures by its class. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly deadline: keyof Timeouts;
  constructor(deadline: keyof Timeouts, milliseconds: number) {
    super(`${deadline} deadline of ${milliseconds} ms passed`);
    this.deadline = deadline;
  }
}

/** An answer larger than the bound. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** Thrown into a call that its caller gave up. */
export function abortedError(): RequestError {
  return new RequestError({
    code: 'aborted',
    message: 'The call was aborted by its caller.',
    httpStatus: 499,
  });
}

export interface ExchangeHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly head: Promise<ExchangeHead>;
  #resolveHead!: (head: ExchangeHead) => void;
  #rejectHead!: (error: unknown) => void;
  readonly #timeouts: Timeouts;
  readonly #maxBytes: number;
  readonly #signal: AbortSignal;
  #controller: Dispatcher.DispatchController | undefined;
  #phase: Phase = 'connect';
  #queue: Uint8Array[] = [];
  #queued = 0;
  #received = 0;
  #paused = false;
  #ended = false;
  #failure: unknown;
  #wake: (() => void) | undefined;
  /** When what is waited for now must have come, and when all of it must: monotonic milliseconds. */
  #due: number;
  readonly #totalDue: number;
  /** The deadline `#due` is of; null while the reader is waited for. */
  #waitsFor: 'firstByte' | 'idle' | null = 'firstByte';
  /** One for all deadlines: it goes off at the earliest one known when it was set, and is set anew for the next. */
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;
  readonly #onAbort = (): void => this.#fail(abortedError());

  constructor(timeouts: Timeouts, maxBytes: number, signal: AbortSignal) {
    this.#timeouts = timeouts;
    this.#maxBytes = maxBytes;
    this.#signal = signal;
    this.head = new Promise((resolve, reject) => {
      this.#resolveHead = resolve;
      this.#rejectHead = reject;
    });
    // Whoever awaits the head sees its failure; nobody else must crash of it.
    this.head.catch(() => undefined);
    const now = performance.now();
    this.#totalDue = now + timeouts.total;
    this.#due = now + timeouts.firstByte;
    this.#watch(now);
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  /** How far it came; decides what a failure means. */
  get phase(): Phase {
    return this.#phase;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(asError(this.#failure));
    else this.#phase = 'first byte';
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    this.#phase = 'body';
    this.#resolveHead({ status, headers });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (!this.#paused) this.#waitForMore();
    this.#received += chunk.byteLength;
    if (this.#received > this.#maxBytes)
      return this.#fail(new TooLargeError(`more than ${this.#maxBytes} bytes`));
    this.#queue.push(chunk);
    this.#queued += chunk.byteLength;
    if (this.#queued > HIGH_WATER && !this.#paused) {
      this.#paused = true;
      this.#controller?.pause();
      this.#waitsFor = null;
    }
    this.#wakeReader();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#release();
    this.#wakeReader();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  /** The next bytes that arrived together; null at the end. Throws what the exchange failed with, after all that came before it. */
  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const taken = this.#take();
      if (taken !== undefined) return taken;
      if (this.#failure !== undefined) throw asError(this.#failure);
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Gives the rest up and frees the connection. */
  cancel(): void {
    if (!this.#ended) this.#fail(abortedError());
  }

  #take(): Uint8Array | undefined {
    if (this.#queue.length === 0) return undefined;
    const first = this.#queue[0] as Uint8Array;
    const taken = this.#queue.length === 1 ? first : Buffer.concat(this.#queue, this.#queued);
    this.#queue = [];
    this.#queued = 0;
    if (this.#paused) {
      this.#paused = false;
      this.#waitForMore();
      this.#controller?.resume();
    }
    return taken;
  }

  #waitForMore(): void {
    const now = performance.now();
    this.#waitsFor = 'idle';
    this.#due = now + this.#timeouts.idle;
    if (this.#due < this.#timerDue) this.#watch(now);
  }

  /** Sets the timer for the deadline that comes next. */
  #watch(now: number): void {
    clearTimeout(this.#timer);
    this.#timerDue = this.#waitsFor === null ? this.#totalDue : Math.min(this.#due, this.#totalDue);
    this.#timer = setTimeout(() => this.#look(), Math.max(1, Math.ceil(this.#timerDue - now)));
  }

  #look(): void {
    const now = performance.now();
    if (now >= this.#totalDue) this.#expire('total');
    else if (this.#waitsFor !== null && now >= this.#due) this.#expire(this.#waitsFor);
    else this.#watch(now);
  }

  #expire(deadline: keyof Timeouts): void {
    this.#fail(new DeadlineError(deadline, this.#timeouts[deadline]));
  }

  #fail(error: unknown): void {
    if (this.#ended || this.#failure !== undefined) return;
    this.#failure = error;
    this.#release();
    this.#rejectHead(error);
    if (this.#controller?.aborted === false) this.#controller.abort(asError(error));
    this.#wakeReader();
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
