// What is known of each deployment while the process runs: its breaker, how fast it answers, how many calls it has, and until when it
// asked to be left alone. Outlives snapshots: a changed workspace does not forget an outage.
import type { Clock } from '../kernel/clock.ts';
import { CircuitBreaker, DEFAULT_BREAKER, type Admission, type BreakerSettings } from './circuit-breaker.ts';

/** Weight of the newest latency in the smoothed one. */
const SMOOTHING = 0.2;
/** A `Retry-After` beyond this is taken as this: a vendor's slip must not take a deployment out for a day. */
const LONGEST_ASKED_PAUSE_MS = 60_000;

export class DeploymentState {
  readonly breaker: CircuitBreaker;
  readonly #clock: Clock;
  /** Smoothed milliseconds to the first byte; null before the first answer. */
  latencyMs: number | null = null;
  inFlight = 0;
  #pausedUntil = 0;

  constructor(settings: BreakerSettings, clock: Clock) {
    this.#clock = clock;
    this.breaker = new CircuitBreaker(settings, clock);
  }

  /** Milliseconds the vendor still asked to be left alone for; 0: none. */
  askedPause(): number {
    return Math.max(0, this.#pausedUntil - this.#clock.monotonic());
  }

  /** Lets a call through or not. Who got `probe` must tell the breaker how it went. */
  admit(): Admission {
    return this.askedPause() > 0 ? 'open' : this.breaker.admit();
  }

  leaveAloneFor(seconds: number): void {
    const pause = Math.min(seconds * 1000, LONGEST_ASKED_PAUSE_MS);
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.monotonic() + pause);
  }

  noteLatency(milliseconds: number): void {
    this.latencyMs =
      this.latencyMs === null ? milliseconds : this.latencyMs + SMOOTHING * (milliseconds - this.latencyMs);
  }
}

export class DeploymentBoard {
  readonly #clock: Clock;
  readonly #settings: BreakerSettings;
  readonly #states = new Map<string, DeploymentState>();

  constructor(clock: Clock, settings: BreakerSettings = DEFAULT_BREAKER) {
    this.#clock = clock;
    this.#settings = settings;
  }

  of(deployment: string): DeploymentState {
    let state = this.#states.get(deployment);
    if (state === undefined) {
      state = new DeploymentState(this.#settings, this.#clock);
      this.#states.set(deployment, state);
    }
    return state;
  }

  /** By deployment, for metrics. */
  entries(): IterableIterator<[string, DeploymentState]> {
    return this.#states.entries();
  }
}
