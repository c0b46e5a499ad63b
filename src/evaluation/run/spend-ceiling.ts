// A ceiling on what a run may spend. Each call reserves its worst case before it is made and settles at what it cost, so that the sum of
// what was spent and of what is under way can never pass the ceiling.
import { formatUsd, type Usd } from '../../kernel/money.ts';

export type Reservation = 'reserved' | 'wait' | 'over' | 'unpriced';

export class SpendCeiling {
  /** Null: none. */
  readonly limit: Usd | null;
  readonly #open = new Map<string, Usd>();
  #reserved = 0n;
  #spent = 0n;

  constructor(limit: Usd | null) {
    this.limit = limit;
  }

  get spent(): Usd {
    return this.#spent;
  }

  /**
   * Asks for the worst case of a call. `wait`: calls under way may free room; `over`: none will; `unpriced`: without a price no ceiling
   * can be kept.
   */
  reserve(call: string, worst: Usd | null): Reservation {
    if (this.limit !== null) {
      if (worst === null) return 'unpriced';
      if (this.#spent + this.#reserved + worst > this.limit)
        return this.#open.size > 0 && this.#spent + worst <= this.limit ? 'wait' : 'over';
    }
    this.#open.set(call, worst ?? 0n);
    this.#reserved += worst ?? 0n;
    return 'reserved';
  }

  /** What the call cost in the end; null where it is not known: then its worst case counts. */
  settle(call: string, cost: Usd | null): void {
    const worst = this.#open.get(call);
    if (worst === undefined) return;
    this.#open.delete(call);
    this.#reserved -= worst;
    this.#spent += cost ?? worst;
  }

  /** One line for a person. */
  describe(): string {
    const limit = this.limit === null ? 'no ceiling' : `a ceiling of $${formatUsd(this.limit)}`;
    return `$${formatUsd(this.#spent)} spent under ${limit}`;
  }
}
