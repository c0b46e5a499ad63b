// Sends what the spool holds to the console, oldest first, and lets the spool delete what was acknowledged. Waits longer and longer
// when no console answers; serving never waits for it.
import {
  INTERNAL_SPOOL_PATH,
  SEGMENT_CHECKSUM_HEADER,
  spoolAcknowledgementSchema,
} from '../contract/internal.ts';
import { pauseAfter } from '../kernel/backoff.ts';
import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Spool } from '../storage/spool/spool.ts';
import type { SpoolRange } from '../storage/spool/spool-options.ts';
import { consoleRefused } from './console-refusal.ts';
import { pause } from './pause.ts';

const MAX_RANGE_BYTES = 4 * 1024 * 1024;
const BACKOFF = { first: 100, longest: 5000 };
const KNOCK_MS = 5000;
/** What makes a push worth another one soon. */
const BUSY_BYTES = 256 * 1024;

export interface SpoolPusherOptions {
  readonly consoleUrl: string;
  readonly token: string;
  readonly spool: Pick<Spool, 'gateway' | 'ranges' | 'read' | 'acknowledge'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Pause between looks at an empty spool, milliseconds. Default 500. */
  readonly idleMs?: number;
}

export class SpoolPusher {
  readonly #options: SpoolPusherOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #lastPush: number | null = null;
  #lastError = '';
  #pushedBytes = 0;

  constructor(options: SpoolPusherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#pushForever();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** For `/healthz`. */
  health(): Readonly<Record<string, unknown>> {
    return {
      pushed_bytes: this.#pushedBytes,
      last_push_ms_ago: this.#lastPush === null ? null : this.#options.clock.now() - this.#lastPush,
      ...(this.#lastError === '' ? {} : { last_error: this.#lastError }),
    };
  }

  /**
   * Pushes all there is now, a range at a time: while no console takes any, one is looked for and no more, however long the spool has
   * grown; while none even answers, nothing of it is read. Ends at what is still being written, which is pushed once. Throws at the first
   * range the console does not take.
   */
  async pushAll(): Promise<boolean> {
    if (this.#lastError !== '') await this.#knock();
    for (let pushed = 0; ; pushed += 1) {
      if (this.#stop.signal.aborted) return false;
      const [range] = await this.#options.spool.ranges(MAX_RANGE_BYTES, 1);
      if (range === undefined) return pushed > 0;
      await this.#push(range);
      if (range.sha256 === null && range.to - range.from < BUSY_BYTES) return true;
    }
  }

  async #pushForever(): Promise<void> {
    const idle = this.#options.idleMs ?? 500;
    let delay = idle;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      try {
        const before = this.#pushedBytes;
        await this.pushAll();
        this.#lastError = '';
        failures = 0;
        // Few rows wait for more: each push is an insert, and the ledger pays by the insert.
        delay = this.#pushedBytes - before >= BUSY_BYTES ? Math.min(idle, 100) : idle;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#noteError(messageOf(error));
        failures += 1;
        delay = pauseAfter(failures, BACKOFF);
      }
      await pause(delay, this.#stop.signal);
    }
  }

  #noteError(message: string): void {
    if (message !== this.#lastError)
      this.#options.logger.log('warn', 'the console takes no spool', { error: message });
    this.#lastError = message;
  }

  /** Throws where nothing answers: megabytes read for a console that is away are garbage each time, and collecting it holds up requests. */
  async #knock(): Promise<void> {
    const { request } = await import('undici');
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(KNOCK_MS)]);
    const answer = await request(new URL('/readyz', this.#options.consoleUrl), { signal });
    await answer.body.dump();
  }

  async #push(range: SpoolRange): Promise<void> {
    const url = new URL(INTERNAL_SPOOL_PATH, this.#options.consoleUrl);
    url.search = new URLSearchParams({
      gateway: range.gateway,
      segment: range.segment,
      from: String(range.from),
      to: String(range.to),
      sealed: range.sha256 === null ? '0' : '1',
    }).toString();
    const { request } = await import('undici');
    const answer = await request(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#options.token}`,
        'content-type': 'application/octet-stream',
        ...(range.sha256 === null ? {} : { [SEGMENT_CHECKSUM_HEADER]: range.sha256 }),
      },
      body: await this.#options.spool.read(range),
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(60_000)]),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw consoleRefused(answer.statusCode, url);
    const { acknowledged_to } = spoolAcknowledgementSchema.parse(JSON.parse(text));
    await this.#options.spool.acknowledge(range.segment, acknowledged_to);
    this.#lastPush = this.#options.clock.now();
    this.#pushedBytes += range.to - range.from;
    if (acknowledged_to < range.to) throw new Error('the console acknowledged less than it was sent');
  }
}
