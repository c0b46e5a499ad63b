// Counts of texts that come again: an application's system prompt with every request, a conversation's turns with each further one. Counting
// such a text again costs ten times what finding it does. Bounded in size, and nothing is kept for longer than two minutes after it last came.
import { MINUTE_MS, type Clock } from '../kernel/clock.ts';

/** Below this many UTF-16 units a text is counted as fast as it is found. */
const SHORT = 64;
/** UTF-16 units in one of the two generations. */
const MOST_UNITS = 1_000_000;

export class CountedTexts {
  readonly #count: (text: string) => number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  #units = 0;
  #since: number;

  constructor(count: (text: string) => number, clock: Pick<Clock, 'monotonic'>) {
    this.#count = count;
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  of(text: string): number {
    if (text.length < SHORT) return this.#count(text);
    this.#turnOver();
    const young = this.#young.get(text);
    if (young !== undefined) return young;
    const count = this.#old.get(text) ?? this.#count(text);
    this.#young.set(text, count);
    this.#units += text.length;
    return count;
  }

  #turnOver(): void {
    const now = this.#clock.monotonic();
    const age = now - this.#since;
    if (age < MINUTE_MS && this.#units < MOST_UNITS) return;
    this.#old = age < 2 * MINUTE_MS ? this.#young : new Map();
    this.#young = new Map();
    this.#units = 0;
    this.#since = now;
  }
}
