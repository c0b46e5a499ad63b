// A circuit breaker for one deployment: closed while calls succeed, open after too many failures, half-open for one probe at a time.
// Source: Nygard, "Release It!", 2007, §5.2; times double while probes keep failing.
import type { Clock } from '../kernel/clock.ts';

export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly consecutiveFailures: number;
  /** Share of failures within the window that opens it, once there were `minimumCalls`. */
  readonly errorRate: number;
  readonly minimumCalls: number;
  readonly windowMs: number;
  /** First pause before a probe; doubles up to `longestOpenMs`. */
  readonly openMs: number;
  readonly longestOpenMs: number;
}

export const DEFAULT_BREAKER: BreakerSettings = {
  consecutiveFailures: 5,
  errorRate: 0.5,
  minimumCalls: 20,
  windowMs: 30_000,
  openMs: 2_000,
  longestOpenMs: 15_000,
};

const BUCKETS = 10;

/** What a breaker says to a call that wants through. */
export type Admission = 'closed' | 'probe' | 'open';

export class CircuitBreaker {
  readonly #settings: BreakerSettings;
  readonly #clock: Clock;
  readonly #calls = new Int32Array(BUCKETS);
  readonly #failures = new Int32Array(BUCKETS);
  #bucket = 0;
  #inARow = 0;
  /** Monotonic milliseconds until which it stays shut; null while closed. */
  #openUntil: number | null = null;
  #pause: number;
  #probing = false;

  constructor(settings: BreakerSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#pause = settings.openMs;
  }

  /** Whether a call would be let through now, without letting one through. */
  peek(): Admission {
    if (this.#openUntil === null) return 'closed';
    return this.#probing || this.#clock.monotonic() < this.#openUntil ? 'open' : 'probe';
  }

  /** Lets a call through or not. Who got `probe` must report `succeeded`, `failed` or `abandoned`. */
  admit(): Admission {
    const admission = this.peek();
    if (admission === 'probe') this.#probing = true;
    return admission;
  }

  succeeded(): void {
    this.#count(false);
    this.#inARow = 0;
    if (this.#openUntil === null) return;
    this.#openUntil = null;
    this.#probing = false;
    this.#pause = this.#settings.openMs;
    this.#calls.fill(0);
    this.#failures.fill(0);
  }

  /** A failure of the deployment's (not the caller's) making. */
  failed(): void {
    this.#count(true);
    this.#inARow += 1;
    if (this.#probing) {
      this.#pause = Math.min(this.#pause * 2, this.#settings.longestOpenMs);
      this.#open();
    } else if (this.#openUntil === null && this.#tooMany()) this.#open();
  }

  /** A call that ended without telling anything about the deployment (the client left, its request was at fault). */
  abandoned(): void {
    this.#probing = false;
  }

  #open(): void {
    this.#probing = false;
    this.#openUntil = this.#clock.monotonic() + this.#pause;
  }

  #tooMany(): boolean {
    if (this.#inARow >= this.#settings.consecutiveFailures) return true;
    let calls = 0;
    let failures = 0;
    for (let index = 0; index < BUCKETS; index += 1) {
      calls += this.#calls[index] as number;
      failures += this.#failures[index] as number;
    }
    return calls >= this.#settings.minimumCalls && failures / calls >= this.#settings.errorRate;
  }

  /** Counts into the bucket of now; buckets that fell out of the window are emptied. */
  #count(failed: boolean): void {
    const now = Math.floor(this.#clock.monotonic() / (this.#settings.windowMs / BUCKETS));
    for (let step = Math.max(this.#bucket + 1, now - BUCKETS + 1); step <= now; step += 1) {
      this.#calls[step % BUCKETS] = 0;
      this.#failures[step % BUCKETS] = 0;
    }
    this.#bucket = now;
    this.#calls[now % BUCKETS] = (this.#calls[now % BUCKETS] as number) + 1;
    if (failed) this.#failures[now % BUCKETS] = (this.#failures[now % BUCKETS] as number) + 1;
  }
}
