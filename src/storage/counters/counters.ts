// Counters that admit or refuse: budgets, rate limits, concurrent requests. Asynchronous and by name only, so that a shared store can
// stand behind the same interface; each call decides and counts in one step.
import type { Usd } from '../../kernel/money.ts';

/** Money in one period of one budget. */
export interface BudgetPeriod {
  /** Names the budget and its subject: `monthly/key/key_1`. */
  readonly budget: string;
  /** When the period began and ends, UTC milliseconds. */
  readonly start: number;
  readonly end: number;
}

export type Admission =
  | { readonly admitted: true; readonly reservation: string }
  /** `spent` includes what is reserved. `until`: the end of the period. */
  | { readonly admitted: false; readonly spent: Usd; readonly until: number };

export interface BudgetFigures {
  readonly settled: Usd;
  readonly reserved: Usd;
}

/** So many units a minute, refilled evenly; a full bucket holds one minute's worth. */
export interface RateRequest {
  /** Names the limit and its subject: `requests/key/key_1`. */
  readonly name: string;
  readonly perMinute: number;
  /** Units this request takes. */
  readonly units: number;
}

export type RateAnswer =
  | { readonly admitted: true; readonly remaining: number[] }
  /** `index`: which of the limits refused; `retryAfter`: milliseconds until it would not. */
  | {
      readonly admitted: false;
      readonly index: number;
      readonly remaining: number[];
      readonly retryAfter: number;
    };

export interface Counters {
  /** Reserves an amount where it fits under the limit (null: a soft budget, always admitted). Atomic. */
  reserve(period: BudgetPeriod, amount: Usd, limit: Usd | null): Promise<Admission>;
  /** Replaces a reservation by what it really cost (0: refund). Settling twice, or an unknown one, changes nothing. */
  settle(reservation: string, actual: Usd): Promise<void>;
  /** Adds cost that never was reserved: rebuilding, judges. */
  addSpent(period: BudgetPeriod, amount: Usd): Promise<void>;
  budget(period: BudgetPeriod): Promise<BudgetFigures>;
  /** Takes units from all of the limits, or from none of them. */
  take(limits: readonly RateRequest[]): Promise<RateAnswer>;
  /** Corrects an estimate after the fact: positive takes more (the bucket may go below zero), negative gives back. */
  adjust(limit: RateRequest, units: number): Promise<void>;
  /** One of `limit` places for at most `leaseMilliseconds`; null when all are taken. */
  enter(name: string, limit: number, leaseMilliseconds: number): Promise<string | null>;
  /** Gives a place back; a second time changes nothing. */
  leave(name: string, place: string): Promise<void>;
}
