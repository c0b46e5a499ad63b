// Which requests are let in when there are more than can be served: by the configured capacity (a token bucket), by how late the event
// loop runs (measured saturation), and by the bytes of bodies held. What is not let in is told at once when to come back, before its body
// is read.
import type { Clock } from '../kernel/clock.ts';

export interface AdmissionSettings {
  /** The loop may run this late (smoothed) before requests are shed, milliseconds. */
  readonly targetDelayMs: number;
  /** With fewer in flight nothing is shed for a late loop: then it is something else that takes the machine. */
  readonly leastInFlight: number;
  /** Share shed at most: some must come through to see that it is over. */
  readonly mostShed: number;
  /** Bytes of bodies held at once at most. */
  readonly maxBodyBytes: number;
  /** Requests in flight at most. */
  readonly maxInFlight: number;
}

export const DEFAULT_ADMISSION: AdmissionSettings = {
  targetDelayMs: 25,
  leastInFlight: 256,
  mostShed: 0.95,
  maxBodyBytes: 256 * 1024 * 1024,
  maxInFlight: 20_000,
};

/** How much of one second's capacity may come at once. */
const BURST_SECONDS = 0.02;
/** Milliseconds between two looks at the loop. */
export const LOOK_EVERY_MS = 10;
/** Steps of the shed share: quick up in proportion to the delay, slow down. */
const RISE = 0.08;
const FALL = 0.05;
/** Weight of the newest delay in the smoothed one. */
const SMOOTHING = 0.25;

export type Verdict =
  | { readonly admitted: true }
  | {
      readonly admitted: false;
      readonly reason: 'capacity' | 'saturated' | 'bytes' | 'in_flight';
      readonly retryAfterSeconds: number;
    };

const ADMITTED: Verdict = { admitted: true };

export interface AdmissionFigures {
  readonly shedShare: number;
  readonly loopDelayMs: number;
  readonly bodyBytes: number;
  readonly inFlight: number;
  readonly shed: Readonly<Record<'capacity' | 'saturated' | 'bytes' | 'in_flight', number>>;
}

export class Admission {
  readonly #clock: Clock;
  readonly #settings: AdmissionSettings;
  readonly #shed = { capacity: 0, saturated: 0, bytes: 0, in_flight: 0 };
  #level = 0;
  #capacity: number | null = null;
  #filledAt = 0;
  #share = 0;
  #owed = 0;
  #delay = 0;
  #bodyBytes = 0;
  #inFlight = 0;

  constructor(clock: Clock, settings: AdmissionSettings = DEFAULT_ADMISSION) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Whether a request may come in. Who is admitted calls `left` once, when its answer is over. */
  admit(capacity: number | null): Verdict {
    if (this.#inFlight >= this.#settings.maxInFlight) return this.#refuse('in_flight', 1);
    if (capacity !== null && !this.#takeCapacity(capacity)) return this.#refuse('capacity', 1);
    if (this.#share > 0 && this.#inFlight >= this.#settings.leastInFlight) {
      this.#owed += this.#share;
      if (this.#owed >= 1) {
        this.#owed -= 1;
        return this.#refuse('saturated', 1 + Math.round(this.#share * 4));
      }
    }
    this.#inFlight += 1;
    return ADMITTED;
  }

  left(): void {
    this.#inFlight -= 1;
  }

  /** Counts a body in; who gets it calls `release` once with the same bytes. */
  hold(bytes: number): Verdict {
    if (this.#bodyBytes + bytes > this.#settings.maxBodyBytes) return this.#refuse('bytes', 1);
    this.#bodyBytes += bytes;
    return ADMITTED;
  }

  release(bytes: number): void {
    this.#bodyBytes -= bytes;
  }

  /** Hears how late the loop was at each look; decides the share that is shed from now on. */
  noteDelay(milliseconds: number): void {
    this.#delay += SMOOTHING * (milliseconds - this.#delay);
    const { targetDelayMs, mostShed } = this.#settings;
    const excess = this.#delay / targetDelayMs - 1;
    if (excess > 0) this.#share = Math.min(mostShed, this.#share + RISE * Math.min(4, excess));
    else this.#share = Math.max(0, this.#share + FALL * excess);
  }

  figures(): AdmissionFigures {
    return {
      shedShare: this.#share,
      loopDelayMs: this.#delay,
      bodyBytes: this.#bodyBytes,
      inFlight: this.#inFlight,
      shed: { ...this.#shed },
    };
  }

  #takeCapacity(capacity: number): boolean {
    const now = this.#clock.monotonic();
    const most = Math.max(1, capacity * BURST_SECONDS);
    if (this.#capacity !== capacity) {
      this.#capacity = capacity;
      this.#level = most;
      this.#filledAt = now;
    }
    this.#level = Math.min(most, this.#level + ((now - this.#filledAt) / 1000) * capacity);
    this.#filledAt = now;
    if (this.#level < 1) return false;
    this.#level -= 1;
    return true;
  }

  #refuse(reason: 'capacity' | 'saturated' | 'bytes' | 'in_flight', retryAfterSeconds: number): Verdict {
    this.#shed[reason] += 1;
    return { admitted: false, reason, retryAfterSeconds };
  }
}

/** Looks at the event loop until stopped: a timer that comes late tells by how much. */
export function watchLoop(admission: Pick<Admission, 'noteDelay'>, clock: Clock): () => void {
  let due = clock.monotonic() + LOOK_EVERY_MS;
  const timer = setInterval(() => {
    const now = clock.monotonic();
    admission.noteDelay(Math.max(0, now - due));
    due = now + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
