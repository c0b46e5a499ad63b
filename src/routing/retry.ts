// When a failed call may be made again: one allowance for the whole process, shared by retries and fallbacks, so that an outage is never
// amplified; and how long to wait before.
import { pauseAfter } from '../kernel/backoff.ts';
import type { Clock } from '../kernel/clock.ts';

/** Allowance earned by each request. */
const EARNED = 0.15;
/** Allowance at the start. With 0.15 a request, calls stay within 1.2 × requests from the sixtieth request on. */
const INITIAL = 3;
const MOST = 100;
/** While traffic is too thin to earn any, one a minute. */
const TRICKLE_MS = 60_000;

/** The process-wide retry budget: every request earns a little, every retry or fallback spends one. */
export class RetryBudget {
  readonly #clock: Clock;
  #balance = INITIAL;
  #lastTrickle: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastTrickle = clock.monotonic();
  }

  /** Called once a request, before its first call. */
  earn(): void {
    this.#balance = Math.min(MOST, this.#balance + EARNED);
  }

  /** Whether one more call may be made; takes it from the allowance. */
  spend(): boolean {
    const now = this.#clock.monotonic();
    if (this.#balance < 1 && now - this.#lastTrickle >= TRICKLE_MS) {
      this.#balance += 1;
      this.#lastTrickle = now;
    }
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }

  get balance(): number {
    return this.#balance;
  }
}

const BACKOFF = { first: 100, longest: 2_000 };

/**
 * Milliseconds to wait before a retry: `Retry-After` where the vendor sent one, else exponential backoff with full jitter (Brooker,
 * "Exponential Backoff and Jitter", 2015). `retry` counts from 0; `uniform` is in [0, 1).
 */
export function pauseBeforeRetry(
  retry: number,
  retryAfterSeconds: number | undefined,
  uniform: number,
): number {
  if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1000;
  return uniform * pauseAfter(retry + 1, BACKOFF);
}
