// Counters that admit or refuse: budgets, rate limits, concurrent requests. By name only and answered soon rather than at once, so that a
// shared store can stand behind the same interface; each call decides and counts in one step.
import type { Usd } from '../../kernel/money.ts';
import type { Soon } from '../../kernel/soon.ts';

/** Money in one period of one budget. */
export interface BudgetPeriod {
  /** Names the budget and its subject: `monthly/key/key_1`. */
  readonly budget: string;
  /** When the period began and ends, UTC milliseconds. */
  readonly start: number;
  readonly end: number;
}

/** One budget that an amount must fit in. */
export interface BudgetRequest {
  readonly period: BudgetPeriod;
  /** Null: a soft budget, always admitted. */
  readonly limit: Usd | null;
}

/** Money that is held: means something to the counters that gave it alone. */
export type Reservation = object;

export type Admission =
  | { readonly admitted: true; readonly reservation: Reservation }
  /** `index`: which of the budgets has no room; `spent` includes what is reserved in it. */
  | { readonly admitted: false; readonly index: number; readonly spent: Usd };

export interface BudgetFigures {
  readonly settled: Usd;
  readonly reserved: Usd;
}

/** So many units a minute, refilled evenly; a full bucket holds one minute's worth. */
export interface RateLimit {
  /** Names the limit and its subject: `requests/key/key_1`. */
  readonly name: string;
  readonly perMinute: number;
}

export type RateAnswer =
  | { readonly admitted: true; readonly remaining: readonly number[] }
  /** `index`: which of the limits refused; `retryAfter`: milliseconds until it would not. */
  | {
      readonly admitted: false;
      readonly index: number;
      readonly remaining: readonly number[];
      readonly retryAfter: number;
    };

/** One of `limit` places. */
export interface PlaceRequest {
  /** Names the limit and its subject: `each key/key/key_1`. */
  readonly name: string;
  readonly limit: number;
}

/** Places that are taken: means something to the counters that gave it alone. */
export type Place = object;

export type Entry =
  | { readonly admitted: true; readonly place: Place }
  /** `index`: which of them has no place left. */
  | { readonly admitted: false; readonly index: number };

export interface Counters {
  /** Reserves an amount in all of the budgets where it fits under each limit, or in none of them. */
  reserve(budgets: readonly BudgetRequest[], amount: Usd): Soon<Admission>;
  /**
   * Replaces a reservation by what it really cost (0: refund) in all of its budgets; what is settled in each since, in their order. Settling
   * twice changes nothing and answers nothing.
   */
  settle(reservation: Reservation, actual: Usd): Soon<readonly Usd[]>;
  /** Adds cost that never was reserved: rebuilding, judges. */
  addSpent(period: BudgetPeriod, amount: Usd): Soon<void>;
  budget(period: BudgetPeriod): Soon<BudgetFigures>;
  /** Takes from each of the limits the units at its place in `units`, or from none of them. */
  take(limits: readonly RateLimit[], units: readonly number[]): Soon<RateAnswer>;
  /** Corrects estimates after the fact, by as much in each: positive units take more (a bucket may go below zero), negative ones give back. */
  adjust(limits: readonly RateLimit[], units: number): Soon<void>;
  /** A place of each for at most `leaseMilliseconds`, or none where all of one are taken. */
  enter(places: readonly PlaceRequest[], leaseMilliseconds: number): Soon<Entry>;
  /** Gives all of them back; a second time changes nothing. */
  leave(place: Place): Soon<void>;
}
