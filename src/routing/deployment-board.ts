// What is known of each deployment while the process runs: its breaker, how fast it answers, how many calls it has, and until when it
// asked to be left alone. Outlives snapshots: a changed workspace does not forget an outage.
import type { Clock } from '../kernel/clock.ts';
import { CircuitBreaker, DEFAULT_BREAKER, type Admission, type BreakerSettings } from './circuit-breaker.ts';

/** Weight of the newest latency in the smoothed one. */
const SMOOTHING = 0.2;
/** What was measured counts for half after this long: who was slow once, and so is not called, is tried again. */
const LATENCY_HALF_LIFE_MS = 60_000;
/** A `Retry-After` beyond this is taken as this: a vendor's slip must not take a deployment out for a day. */
const LONGEST_ASKED_PAUSE_MS = 60_000;

export class DeploymentState {
  readonly breaker: CircuitBreaker;
  readonly #clock: Clock;
  inFlight = 0;
  /** Smoothed milliseconds to the first byte, as of the newest answer; null before the first. */
  #latencyMs: number | null = null;
  #measuredAt = 0;
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
    const before = this.#latencyMs;
    this.#latencyMs = before === null ? milliseconds : before + SMOOTHING * (milliseconds - before);
    this.#measuredAt = this.#clock.monotonic();
  }

  /** Milliseconds to the first byte to reckon with: what was measured, fading with its age; null before the first answer. */
  latency(): number | null {
    if (this.#latencyMs === null) return null;
    const age = this.#clock.monotonic() - this.#measuredAt;
    return this.#latencyMs * 0.5 ** (age / LATENCY_HALF_LIFE_MS);
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
