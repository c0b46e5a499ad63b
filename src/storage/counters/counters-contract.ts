// The contract of counters: one suite, run over each implementation.
import { expect, test } from 'vitest';
import type { ManualClock } from '../../kernel/clock.ts';
import type { BudgetPeriod, Counters } from './counters.ts';

export interface OpenedCounters {
  readonly counters: Counters;
  readonly clock: ManualClock;
}

const day: BudgetPeriod = { budget: 'daily/key/key_1', start: 0, end: 86_400_000 };

const cases: Record<string, (opened: OpenedCounters) => Promise<void>> = {
  'of 200 concurrent reservations with room for exactly 10, 10 are admitted, a hundred times over': async ({
    counters,
  }) => {
    for (let round = 0; round < 100; round += 1) {
      const period = { ...day, budget: `round/${round}` };
      const answers = await Promise.all(
        Array.from({ length: 200 }, async () => counters.reserve([{ period, limit: 76n }], 7n)),
      );
      expect(answers.filter((answer) => answer.admitted)).toHaveLength(10);
      expect(answers.at(-1)).toEqual({ admitted: false, index: 0, spent: 70n });
    }
  },
  'settling replaces the reservation by the exact cost, once': async ({ counters }) => {
    const first = await counters.reserve([{ period: day, limit: 10n }], 10n);
    expect(await counters.reserve([{ period: day, limit: 10n }], 1n)).toMatchObject({ admitted: false });
    const reservation = first.admitted ? first.reservation : {};
    expect(await counters.settle(reservation, 3n)).toEqual([3n]);
    expect(await counters.settle(reservation, 3n)).toEqual([]);
    expect(await counters.settle({}, 9n)).toEqual([]);
    expect(await counters.budget(day)).toEqual({ settled: 3n, reserved: 0n });
    expect(await counters.reserve([{ period: day, limit: 10n }], 7n)).toMatchObject({ admitted: true });
    expect(await counters.budget(day)).toEqual({ settled: 3n, reserved: 7n });
  },
  'a refund makes room again, a soft budget admits all, the next period starts empty': async ({
    counters,
  }) => {
    const held = await counters.reserve([{ period: day, limit: 10n }], 10n);
    await counters.settle(held.admitted ? held.reservation : {}, 0n);
    expect(await counters.reserve([{ period: day, limit: 10n }], 10n)).toMatchObject({ admitted: true });
    expect(await counters.reserve([{ period: day, limit: null }], 99n)).toMatchObject({ admitted: true });
    expect(
      await counters.reserve([{ period: { ...day, start: day.end, end: 2 * day.end }, limit: 10n }], 10n),
    ).toMatchObject({
      admitted: true,
    });
    await counters.addSpent(day, 5n);
    expect(await counters.budget(day)).toEqual({ settled: 5n, reserved: 109n });
  },
  'of several budgets all hold an amount or none, and all are settled': async ({ counters }) => {
    const wide = { period: { ...day, budget: 'wide' }, limit: 100n };
    const narrow = { period: { ...day, budget: 'narrow' }, limit: 30n };
    const soft = { period: { ...day, budget: 'soft' }, limit: null };
    await counters.addSpent(wide.period, 4n);
    const held = await counters.reserve([wide, narrow, soft], 20n);
    expect(await counters.reserve([soft, wide, narrow], 20n)).toEqual({
      admitted: false,
      index: 2,
      spent: 20n,
    });
    expect(await counters.budget(wide.period)).toEqual({ settled: 4n, reserved: 20n });
    expect(await counters.settle(held.admitted ? held.reservation : {}, 9n)).toEqual([13n, 9n, 9n]);
    expect(await counters.budget(narrow.period)).toEqual({ settled: 9n, reserved: 0n });
  },
  'a rate admits a minute’s worth, says when the next fits, and refills': async ({ counters, clock }) => {
    const limit = { name: 'requests/key/1', perMinute: 60 };
    const answers = await Promise.all(Array.from({ length: 100 }, async () => counters.take([limit], [1])));
    expect(answers.filter((answer) => answer.admitted)).toHaveLength(60);
    expect(answers.at(-1)).toMatchObject({ admitted: false, index: 0, retryAfter: 1000 });
    clock.advance(1000);
    expect(await counters.take([limit], [1])).toMatchObject({ admitted: true, remaining: [0] });
    expect(await counters.take([limit], [1])).toMatchObject({ admitted: false });
  },
  'of several limits all are taken from or none': async ({ counters }) => {
    const requests = { name: 'requests/u', perMinute: 10 };
    const tokens = { name: 'tokens/u', perMinute: 100 };
    expect(await counters.take([requests, tokens], [1, 90])).toEqual({ admitted: true, remaining: [9, 10] });
    expect(await counters.take([requests, tokens], [1, 90])).toMatchObject({
      admitted: false,
      index: 1,
      remaining: [9, 10],
    });
    await counters.adjust([tokens], -90);
    expect(await counters.take([requests, tokens], [1, 90])).toEqual({ admitted: true, remaining: [8, 10] });
    await counters.adjust([tokens], 60);
    expect(await counters.take([tokens], [1])).toMatchObject({
      admitted: false,
      retryAfter: 30_600,
    });
  },
  'places are given out up to the limit, back once, and freed when a lease runs out': async ({
    counters,
    clock,
  }) => {
    const two = [{ name: 'key/1', limit: 2 }];
    const entries = await Promise.all(Array.from({ length: 5 }, async () => counters.enter(two, 1000)));
    const [first] = entries;
    expect(entries.filter(({ admitted }) => admitted)).toHaveLength(2);
    expect(entries.at(-1)).toEqual({ admitted: false, index: 0 });
    const place = first?.admitted === true ? first.place : {};
    await counters.leave(place);
    await counters.leave(place);
    expect(await counters.enter(two, 1000)).toMatchObject({ admitted: true });
    expect(await counters.enter(two, 1000)).toMatchObject({ admitted: false });
    clock.advance(1000);
    expect(await counters.enter(two, 1000)).toMatchObject({ admitted: true });
  },
  'a lease that runs out frees its places whatever was leased before it, and leaving it then frees none':
    async ({ counters, clock }) => {
      const two = [{ name: 'key/1', limit: 2 }];
      await counters.enter(two, 9000);
      const short = await counters.enter(two, 1000);
      expect(await counters.enter(two, 1000)).toMatchObject({ admitted: false });
      clock.advance(1000);
      expect(await counters.enter(two, 9000)).toMatchObject({ admitted: true });
      await counters.leave(short.admitted ? short.place : {});
      expect(await counters.enter(two, 1000)).toMatchObject({ admitted: false });
    },
  'a place of each is given out, or of none': async ({ counters }) => {
    const many = { name: 'key/1', limit: 3 };
    const one = { name: 'user/1', limit: 1 };
    const held = await counters.enter([many, one], 1000);
    expect(await counters.enter([many, one], 1000)).toEqual({ admitted: false, index: 1 });
    await counters.leave(held.admitted ? held.place : {});
    const others = await Promise.all([1, 2, 3].map(async () => counters.enter([many], 1000)));
    expect(others.every(({ admitted }) => admitted)).toBe(true);
    expect(await counters.enter([one, many], 1000)).toEqual({ admitted: false, index: 1 });
    expect(await counters.enter([one], 1000)).toMatchObject({ admitted: true });
  },
};

/** Runs the suite over counters that `open` makes afresh for each test. */
export function countersContract(open: () => Promise<OpenedCounters>): void {
  for (const [name, check] of Object.entries(cases)) {
    test(name, async () => {
      await check(await open());
    });
  }
}
