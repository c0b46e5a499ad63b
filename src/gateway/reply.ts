// One HTTP answer on its way to a client: head once, body whole or in pieces, bounded against slow readers.
import type { ServerResponse } from 'node:http';

/** How long a reader may take nothing before it is cut off, milliseconds. */
const STALLED_READER_MS = 60_000;

const SSE_HEAD: readonly string[] = [
  'content-type',
  'text/event-stream; charset=utf-8',
  'cache-control',
  'no-cache',
  'x-accel-buffering',
  'no',
];

export class Reply {
  readonly #response: ServerResponse;
  #gone = false;
  /** Whether this class writes the chunks' frames itself. */
  #framed = false;
  #onGone: (() => void)[] = [];

  constructor(response: ServerResponse) {
    this.#response = response;
    response.on('close', () => {
      if (response.writableFinished) return;
      this.#gone = true;
      for (const listener of this.#onGone) listener();
      this.#onGone = [];
    });
  }

  /** The client closed the connection before the answer was whole. */
  get isGone(): boolean {
    return this.#gone;
  }

  /** The head is out: what follows can only be body. */
  get isCommitted(): boolean {
    return this.#response.headersSent;
  }

  get status(): number {
    return this.#response.statusCode;
  }

  /** Calls back once, when the client leaves early. */
  onGone(listener: () => void): void {
    if (this.#gone) listener();
    else this.#onGone.push(listener);
  }

  /** A whole answer; `headers` flat: name, value, … They are the reply's from here on. */
  send(status: number, headers: string[], body: string, type = 'application/json'): void {
    if (this.#gone || this.#response.headersSent) return;
    headers.push('content-type', type, 'content-length', String(Buffer.byteLength(body)));
    this.#response.writeHead(status, headers);
    this.#response.end(body);
  }

  /** A whole answer made ready before: its headers have type and length. */
  sendReady(status: number, headers: readonly string[], body: string): void {
    if (this.#gone || this.#response.headersSent) return;
    this.#response.writeHead(status, headers as string[]);
    this.#response.end(body);
  }

  /**
   * Begins a stream. Chunks are framed here: Node writes length, bytes and line end as three pieces, which costs more than all else a
   * streamed token needs. The headers are the reply's from here on.
   */
  startStream(headers: string[]): void {
    const response = this.#response;
    if (this.#gone || response.headersSent) return;
    this.#framed = response.req.httpVersionMinor >= 1;
    headers.push(...SSE_HEAD);
    if (this.#framed) headers.push('transfer-encoding', 'chunked');
    response.writeHead(200, headers);
    if (this.#framed) response.chunkedEncoding = false;
  }

  /** Writes a piece of a stream. Returns a promise when the reader is behind: wait for it before writing more. */
  write(text: string): Promise<void> | undefined {
    if (this.#gone || text === '') return undefined;
    return this.#response.write(this.#frame(text)) ? undefined : this.#drained();
  }

  end(text: string): void {
    if (this.#gone) return;
    this.#response.end(this.#framed ? `${this.#frame(text)}0\r\n\r\n` : text);
  }

  #frame(text: string): string {
    return this.#framed ? `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n` : text;
  }

  /** Resolves when the reader took what was queued or is gone; a reader that takes nothing for too long is cut off. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#response.off('drain', settle);
        resolve();
      };
      const timer = setTimeout(() => this.#response.destroy(), STALLED_READER_MS);
      this.#response.once('drain', settle);
      this.onGone(settle);
    });
  }
}

/** What stages see of a reply: a client's, or that of the gateway's own call. */
export type ReplySurface = Omit<Reply, 'sendReady'>;
