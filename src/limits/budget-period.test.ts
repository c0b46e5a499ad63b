// Periods end where the calendar of their zone says, also where clocks change.
import { expect, it } from 'vitest';
import fc from 'fast-check';
import { Calendar, periodAt } from './budget-period.ts';

const iso = (at: number): string => new Date(at).toISOString();

it.each([
  ['day', 'UTC', '2026-03-10T12:00:00Z', '2026-03-10T00:00:00.000Z', '2026-03-11T00:00:00.000Z'],
  ['day', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
  ['week', 'UTC', '2026-03-15T23:59:59Z', '2026-03-09T00:00:00.000Z', '2026-03-16T00:00:00.000Z'],
  ['week', 'Asia/Tokyo', '2026-03-15T16:00:00Z', '2026-03-15T15:00:00.000Z', '2026-03-22T15:00:00.000Z'],
  [
    'month',
    'America/New_York',
    '2026-03-01T04:00:00Z',
    '2026-02-01T05:00:00.000Z',
    '2026-03-01T05:00:00.000Z',
  ],
  ['month', 'UTC', '2026-12-31T23:00:00Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
] as const)('%s in %s at %s', (period, zone, at, start, end) => {
  const found = periodAt(period, zone, Date.parse(at));
  expect([iso(found.start), iso(found.end)]).toEqual([start, end]);
});

it('periods hold their instant, join without gap, and the calendar answers the same', () => {
  const calendar = new Calendar();
  const zones = ['UTC', 'Europe/Berlin', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Pacific/Kiritimati'];
  fc.assert(
    fc.property(
      fc.constantFrom('day' as const, 'week' as const, 'month' as const),
      fc.constantFrom(...zones),
      fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) }),
      (period, zone, at) => {
        const found = periodAt(period, zone, at);
        expect(found.start).toBeLessThanOrEqual(at);
        expect(found.end).toBeGreaterThan(at);
        expect(periodAt(period, zone, found.end).start).toBe(found.end);
        expect(calendar.at(period, zone, at)).toEqual(found);
      },
    ),
    { numRuns: 60 },
  );
});
