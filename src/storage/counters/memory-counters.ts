// Counters in this process's memory: right for one gateway. Budgets survive a restart by a checkpoint and the spool (budget-checkpoint.ts).
import { MINUTE_MS, type Clock } from '../../kernel/clock.ts';
import type { Usd } from '../../kernel/money.ts';
import type {
  Admission,
  BudgetFigures,
  BudgetPeriod,
  BudgetRequest,
  Counters,
  Entry,
  Place,
  PlaceRequest,
  RateAnswer,
  RateLimit,
  Reservation,
} from './counters.ts';

interface Account {
  readonly end: number;
  settled: Usd;
  reserved: Usd;
}

interface Bucket {
  level: number;
  at: number;
}

/** Subjects come from requests: what has not been used for this long is forgotten. */
const SWEEP_EVERY = 4096;
/** A period's account is kept this long after its end, for requests that settle late. */
const AFTERLIFE = 86_400_000;

const leftIn = ({ level }: Bucket): number => Math.max(0, Math.floor(level));

/** Money held in some accounts. */
class Held {
  readonly accounts: readonly Account[];
  readonly amount: Usd;
  isSettled = false;

  constructor(accounts: readonly Account[], amount: Usd) {
    this.accounts = accounts;
    this.amount = amount;
  }
}

/** How many places of a name are taken. */
interface Seats {
  taken: number;
}

/** A place of each of some names. */
class Lease {
  readonly seats: readonly Seats[];
  /** When it ends by itself, monotonic milliseconds. */
  readonly until: number;
  /** Where it stands in the list of all; -1: nowhere. */
  index = -1;

  constructor(seats: readonly Seats[], until: number) {
    this.seats = seats;
    this.until = until;
  }
}

const NOTHING: readonly Usd[] = [];

/** Names of periods that come again as the same object are put together once. */
const names = new WeakMap<BudgetPeriod, string>();

function accountName(period: BudgetPeriod): string {
  let name = names.get(period);
  if (name === undefined) names.set(period, (name = `${period.budget}@${period.start}`));
  return name;
}

/** Leases in no order: one comes and goes with each request, which a list of places bears better than a set. */
class Leases {
  readonly #all: Lease[] = [];

  add(lease: Lease): void {
    lease.index = this.#all.length;
    this.#all.push(lease);
  }

  /** Whether it was there; the last one takes its place. */
  delete(lease: Lease): boolean {
    if (this.#all[lease.index] !== lease) return false;
    const last = this.#all.pop() as Lease;
    if (last !== lease) {
      this.#all[lease.index] = last;
      last.index = lease.index;
    }
    lease.index = -1;
    return true;
  }

  all(): readonly Lease[] {
    return [...this.#all];
  }
}

export interface AccountRecord {
  readonly account: string;
  readonly end: number;
  readonly settled: Usd;
  readonly reserved: Usd;
}

export class MemoryCounters implements Counters {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Account>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #seats = new Map<string, Seats>();
  readonly #leases = new Leases();
  /** No lease ends by itself before this. */
  #firstEnd = Number.POSITIVE_INFINITY;
  #calls = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  reserve(budgets: readonly BudgetRequest[], amount: Usd): Admission {
    this.#sweep();
    const accounts = budgets.map(({ period }) => this.#account(period));
    for (let index = 0; index < budgets.length; index += 1) {
      const { limit } = budgets[index] as BudgetRequest;
      const { settled, reserved } = accounts[index] as Account;
      const spent = settled + reserved;
      if (limit !== null && spent + amount > limit) return { admitted: false, index, spent };
    }
    for (const account of accounts) account.reserved += amount;
    return { admitted: true, reservation: new Held(accounts, amount) };
  }

  settle(reservation: Reservation, actual: Usd): readonly Usd[] {
    if (!(reservation instanceof Held) || reservation.isSettled) return NOTHING;
    reservation.isSettled = true;
    const { accounts, amount } = reservation;
    return accounts.map((account) => {
      account.reserved -= amount;
      return (account.settled += actual);
    });
  }

  addSpent(period: BudgetPeriod, amount: Usd): void {
    this.#account(period).settled += amount;
  }

  budget(period: BudgetPeriod): BudgetFigures {
    const account = this.#accounts.get(accountName(period));
    return { settled: account?.settled ?? 0n, reserved: account?.reserved ?? 0n };
  }

  take(limits: readonly RateLimit[], units: readonly number[]): RateAnswer {
    this.#sweep();
    const now = this.#clock.monotonic();
    const buckets = limits.map((limit) => this.#bucket(limit, now));
    const remaining = buckets.map(leftIn);
    for (let index = 0; index < limits.length; index += 1) {
      const { perMinute } = limits[index] as RateLimit;
      const { level } = buckets[index] as Bucket;
      // More than a full bucket can never be there: such a request passes when the bucket is full.
      const needed = Math.min(units[index] as number, perMinute);
      if (level >= needed) continue;
      const wait = perMinute <= 0 ? MINUTE_MS : ((needed - level) / perMinute) * MINUTE_MS;
      return { admitted: false, index, remaining, retryAfter: Math.ceil(wait) };
    }
    for (let index = 0; index < limits.length; index += 1) {
      const bucket = buckets[index] as Bucket;
      bucket.level -= units[index] as number;
      remaining[index] = leftIn(bucket);
    }
    return { admitted: true, remaining };
  }

  adjust(limits: readonly RateLimit[], units: number): void {
    const now = this.#clock.monotonic();
    for (const limit of limits) {
      const bucket = this.#bucket(limit, now);
      bucket.level = Math.min(limit.perMinute, bucket.level - units);
    }
  }

  enter(places: readonly PlaceRequest[], leaseMilliseconds: number): Entry {
    this.#sweep();
    const now = this.#clock.monotonic();
    const all = places.map(({ name }) => this.#seatsOf(name));
    for (let index = 0; index < places.length; index += 1) {
      const { limit } = places[index] as PlaceRequest;
      const seats = all[index] as Seats;
      // Leases that ran out take nothing from anybody until all places are taken.
      if (seats.taken >= limit) this.#endLeases(now);
      if (seats.taken >= limit) return { admitted: false, index };
    }
    for (const seats of all) seats.taken += 1;
    const lease = new Lease(all, now + leaseMilliseconds);
    this.#leases.add(lease);
    if (lease.until < this.#firstEnd) this.#firstEnd = lease.until;
    return { admitted: true, place: lease };
  }

  leave(place: Place): void {
    if (!(place instanceof Lease) || !this.#leases.delete(place)) return;
    for (const seats of place.seats) seats.taken -= 1;
  }

  /** What a checkpoint keeps. */
  accounts(): AccountRecord[] {
    return [...this.#accounts].map(([account, values]) => ({ account, ...values }));
  }

  /** Puts an account of a checkpoint back. */
  restore(record: AccountRecord): void {
    this.#accounts.set(record.account, { end: record.end, settled: record.settled, reserved: 0n });
  }

  #account(period: BudgetPeriod): Account {
    const name = accountName(period);
    let account = this.#accounts.get(name);
    if (account === undefined)
      this.#accounts.set(name, (account = { end: period.end, settled: 0n, reserved: 0n }));
    return account;
  }

  #seatsOf(name: string): Seats {
    let seats = this.#seats.get(name);
    if (seats === undefined) this.#seats.set(name, (seats = { taken: 0 }));
    return seats;
  }

  #endLeases(now: number): void {
    if (now < this.#firstEnd) return;
    this.#firstEnd = Number.POSITIVE_INFINITY;
    for (const lease of this.#leases.all()) {
      if (lease.until <= now) this.leave(lease);
      else if (lease.until < this.#firstEnd) this.#firstEnd = lease.until;
    }
  }

  #bucket(limit: RateLimit, now: number): Bucket {
    let bucket = this.#buckets.get(limit.name);
    if (bucket === undefined) this.#buckets.set(limit.name, (bucket = { level: limit.perMinute, at: now }));
    const refill = ((now - bucket.at) / MINUTE_MS) * limit.perMinute;
    bucket.level = Math.min(limit.perMinute, bucket.level + refill);
    bucket.at = now;
    return bucket;
  }

  /** Forgets accounts long over, buckets that would be full by now, and names whose places are all free. */
  #sweep(): void {
    this.#calls += 1;
    if (this.#calls % SWEEP_EVERY !== 0) return;
    const gone = this.#clock.now() - AFTERLIFE;
    for (const [name, account] of this.#accounts) if (account.end < gone) this.#accounts.delete(name);
    const idle = this.#clock.monotonic() - 10 * MINUTE_MS;
    for (const [name, bucket] of this.#buckets) if (bucket.at < idle) this.#buckets.delete(name);
    for (const [name, seats] of this.#seats) if (seats.taken === 0) this.#seats.delete(name);
  }
}
