// Time as a value that is handed in, so that tests can turn the hands. Everything inside is UTC milliseconds.

export interface Clock {
  /** Wall time, milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** Monotonic milliseconds with fractions, for durations only. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** A clock that moves only when told, for tests and replays. */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  constructor(start: number) {
    this.#now = start;
  }
  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#monotonic;
  }
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    this.#monotonic += milliseconds;
  }
  /** Sets the wall clock on, or back where negative, as a time service does: durations do not notice. */
  jump(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** An instant as every API and file shows it: ISO 8601 in UTC, with milliseconds. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function isoTimeOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : isoTime(milliseconds);
}
