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
      const answers = await Promise.all(Array.from({ length: 200 }, () => counters.reserve(period, 7n, 76n)));
      expect(answers.filter((answer) => answer.admitted)).toHaveLength(10);
      expect(answers.at(-1)).toEqual({ admitted: false, spent: 70n, until: day.end });
    }
  },
  'settling replaces the reservation by the exact cost, once': async ({ counters }) => {
    const first = await counters.reserve(day, 10n, 10n);
    expect(await counters.reserve(day, 1n, 10n)).toMatchObject({ admitted: false });
    const reservation = first.admitted ? first.reservation : '';
    await counters.settle(reservation, 3n);
    await counters.settle(reservation, 3n);
    await counters.settle('unknown', 9n);
    expect(await counters.budget(day)).toEqual({ settled: 3n, reserved: 0n });
    expect(await counters.reserve(day, 7n, 10n)).toMatchObject({ admitted: true });
    expect(await counters.budget(day)).toEqual({ settled: 3n, reserved: 7n });
  },
  'a refund makes room again, a soft budget admits all, the next period starts empty': async ({
    counters,
  }) => {
    const held = await counters.reserve(day, 10n, 10n);
    await counters.settle(held.admitted ? held.reservation : '', 0n);
    expect(await counters.reserve(day, 10n, 10n)).toMatchObject({ admitted: true });
    expect(await counters.reserve(day, 99n, null)).toMatchObject({ admitted: true });
    expect(await counters.reserve({ ...day, start: day.end, end: 2 * day.end }, 10n, 10n)).toMatchObject({
      admitted: true,
    });
    await counters.addSpent(day, 5n);
    expect(await counters.budget(day)).toEqual({ settled: 5n, reserved: 109n });
  },
  'a rate admits a minute’s worth, says when the next fits, and refills': async ({ counters, clock }) => {
    const limit = { name: 'requests/key/1', perMinute: 60, units: 1 };
    const answers = await Promise.all(Array.from({ length: 100 }, () => counters.take([limit])));
    expect(answers.filter((answer) => answer.admitted)).toHaveLength(60);
    expect(answers.at(-1)).toMatchObject({ admitted: false, index: 0, retryAfter: 1000 });
    clock.advance(1000);
    expect(await counters.take([limit])).toMatchObject({ admitted: true, remaining: [0] });
    expect(await counters.take([limit])).toMatchObject({ admitted: false });
  },
  'of several limits all are taken from or none': async ({ counters }) => {
    const requests = { name: 'requests/u', perMinute: 10, units: 1 };
    const tokens = { name: 'tokens/u', perMinute: 100, units: 90 };
    expect(await counters.take([requests, tokens])).toEqual({ admitted: true, remaining: [9, 10] });
    expect(await counters.take([requests, tokens])).toMatchObject({
      admitted: false,
      index: 1,
      remaining: [9, 10],
    });
    await counters.adjust(tokens, -90);
    expect(await counters.take([requests, tokens])).toEqual({ admitted: true, remaining: [8, 10] });
    await counters.adjust(tokens, 60);
    expect(await counters.take([{ ...tokens, units: 1 }])).toMatchObject({
      admitted: false,
      retryAfter: 30_600,
    });
  },
  'places are given out up to the limit, back once, and freed when a lease runs out': async ({
    counters,
    clock,
  }) => {
    const places = await Promise.all(Array.from({ length: 5 }, () => counters.enter('key/1', 2, 1000)));
    const [first] = places;
    expect(places.filter((place) => place !== null)).toHaveLength(2);
    await counters.leave('key/1', first ?? '');
    await counters.leave('key/1', first ?? '');
    expect(await counters.enter('key/1', 2, 1000)).not.toBeNull();
    expect(await counters.enter('key/1', 2, 1000)).toBeNull();
    clock.advance(1000);
    expect(await counters.enter('key/1', 2, 1000)).not.toBeNull();
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
