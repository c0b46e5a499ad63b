// What is small beside a limit is held by its bound as long as that finds room, and by its count from then on; what is not small by its count
// alone.
import { expect, it } from 'vitest';
import type { BudgetRule, LimitRule } from '../contract/snapshot.ts';
import { ManualClock } from '../kernel/clock.ts';
import { MemoryCounters } from '../storage/counters/memory-counters.ts';
import { BudgetKeeper, isRefusal, type BudgetHold } from './budget-keeper.ts';
import { isRateRefusal, RateKeeper, type RateHold } from './rate-keeper.ts';
import { smallPartOf, type Weighing } from './weighing.ts';

const CALLER = { workspace: 'shop', keyId: 'key_1', keyName: 'desk', user: '', prompt: '' };
const BOUND = 10;
const COUNT = 3;

/** How often each weighing was asked for. */
class Scale {
  readonly asked: Record<Weighing, number> = { estimated: 0, bounded: 0, counted: 0 };

  weigh(weighing: Weighing): number {
    this.asked[weighing] += 1;
    return { estimated: 5, bounded: BOUND, counted: COUNT }[weighing];
  }
}

const limitOf = (tokensPerMinute: number): LimitRule => ({
  name: 'tokens',
  subject: 'workspace',
  of: null,
  requestsPerMinute: null,
  tokensPerMinute,
  concurrent: null,
});

const budgetOf = (amountUsd: string, hard: boolean): BudgetRule => ({
  name: 'daily',
  subject: 'workspace',
  of: null,
  period: 'day',
  timeZone: 'UTC',
  amountUsd,
  hard,
});

/** Takes until it is refused; the figures of all that was taken. */
function takeAll(perMinute: number, scale: Scale): RateHold[] {
  const keeper = new RateKeeper(new MemoryCounters(new ManualClock(0)));
  const rules = [limitOf(perMinute)];
  const holds: RateHold[] = [];
  for (;;) {
    const answer = keeper.take(rules, CALLER, (weighing) => scale.weigh(weighing));
    if (answer === null || answer instanceof Promise) throw new Error('counters in memory answer at once');
    if (isRateRefusal(answer)) return holds;
    holds.push(answer);
  }
}

it('a thousandth is small', () => {
  expect([smallPartOf(10_000), smallPartOf(9_999n), smallPartOf(10_000n)]).toEqual([10, 9n, 10n]);
});

it('tokens a minute: by the bound while there is room for it, then by the count to the last one', () => {
  const scale = new Scale();
  const taken = takeAll(1000 * BOUND + 2 * COUNT + 1, scale).map((hold) => hold.taken);
  expect(taken).toEqual([...Array.from({ length: 1000 }, () => BOUND), COUNT, COUNT]);
  expect(scale.asked).toEqual({ estimated: 0, bounded: 1003, counted: 3 });
});

it('tokens a minute: by the count where the bound is not small', () => {
  const scale = new Scale();
  const holds = takeAll(1000 * BOUND - 1, scale);
  expect(holds).toHaveLength(Math.floor((1000 * BOUND - 1) / COUNT));
  expect(holds.every(({ taken }) => taken === COUNT)).toBe(true);
});

/** Holds until a hard budget refuses, or `most` times. */
function holdAll(rules: readonly BudgetRule[], scale: Scale, most: number): BudgetHold[] {
  const keeper = new BudgetKeeper(new MemoryCounters(new ManualClock(0)));
  const claims = keeper.claims(rules, CALLER, 0);
  const holds: BudgetHold[] = [];
  while (holds.length < most) {
    const answer = keeper.reserve(claims, (weighing) => BigInt(scale.weigh(weighing)));
    if (answer instanceof Promise) throw new Error('counters in memory answer at once');
    if (isRefusal(answer)) break;
    holds.push(answer);
  }
  return holds;
}

/** US$ of so many of the smallest units that money is counted in. */
const usd = (units: number): string => `0.${String(units).padStart(18, '0')}`;

it('a hard budget: the same, against the smallest of them', () => {
  const scale = new Scale();
  const limit = 1000 * BOUND + 2 * COUNT + 1;
  const rules = [budgetOf(usd(limit * 5), true), budgetOf(usd(1), false), budgetOf(usd(limit), true)];
  const amounts = holdAll(
    rules.map((rule, index) => ({ ...rule, name: `of ${index}` })),
    scale,
    2000,
  ).map(({ amount }) => amount);
  expect(amounts).toEqual([...Array.from({ length: 1000 }, () => BigInt(BOUND)), 3n, 3n]);
  expect(scale.asked).toEqual({ estimated: 0, bounded: 1003, counted: 3 });
});

it('a soft budget alone: by the estimate, which refuses nobody', () => {
  const scale = new Scale();
  expect(holdAll([budgetOf(usd(1), false)], scale, 50)).toHaveLength(50);
  expect(scale.asked).toEqual({ estimated: 50, bounded: 0, counted: 0 });
});
