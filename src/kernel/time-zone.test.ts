// Days in zones: offsets, changes of the clock, and the day that has no midnight.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayIn, isTimeZone, startOfDay } from './time-zone.ts';

const iso = (instant: number): string => new Date(instant).toISOString();

describe('startOfDay', () => {
  it.each([
    ['UTC', '2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['Europe/Berlin', '2026-03-30', '2026-03-29T22:00:00.000Z'],
    ['Asia/Kathmandu', '2026-06-01', '2026-05-31T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00.000Z'],
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z'],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
  ])('%s %s', (zone, day, wanted) => expect(iso(startOfDay(zone, day))).toBe(wanted));

  it('is the boundary: the instant before belongs to another day', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('UTC', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Tehran'),
        fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2035, 0, 1) }),
        (zone, instant) => {
          const day = dayIn(zone, instant);
          const start = startOfDay(zone, day);
          expect(start).toBeLessThanOrEqual(instant);
          expect(dayIn(zone, start)).toBe(day);
          expect(dayIn(zone, start - 1) < day).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
  it('refuses what is no date', () => expect(() => startOfDay('UTC', '2026-02-31')).toThrow(RangeError));
});

it('knows names, not offsets or inventions', () => {
  expect(isTimeZone('Europe/Berlin')).toBe(true);
  expect(isTimeZone('UTC')).toBe(true);
  expect(isTimeZone('Mars/Olympus')).toBe(false);
  expect(isTimeZone("UTC') OR 1")).toBe(false);
});
