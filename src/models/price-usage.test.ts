// Prices are exact, dated and never 0 for the unknown; hourly shares add up.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PriceRow } from '../contract/price.ts';
import { formatUsd, parseUsd, sumUsd } from '../kernel/money.ts';
import { priceRowAt, priceUsage } from './price-usage.ts';
import { shareByBusyTime } from './share-hourly.ts';

const row = (over: Partial<PriceRow>): PriceRow => ({
  effectiveFrom: null,
  rates: { input: '3', output: '15', cache_read: '0.3', cache_write: '3.75', cache_write_1h: '6' },
  tiers: [],
  perRequest: null,
  perHour: null,
  batchFactor: null,
  source: 'catalogue',
  ...over,
});
const usage = (input: number, cache_read = 0, cache_write = 0, output = 0, reasoning = 0) => ({
  usage: { input, cache_read, cache_write, output, reasoning },
  raw: null,
});
const at = Date.parse('2026-06-01T12:00:00Z');
const price = (rows: readonly PriceRow[], detail: Parameters<typeof priceUsage>[1], more = {}) => {
  const cost = priceUsage(rows, detail, { at, ...more });
  return cost === null ? null : formatUsd(cost);
};

describe('priceUsage', () => {
  test('each class at its rate, the hour apart', () => {
    expect(price([row({})], usage(1, 1, 1, 1, 1))).toBe('0.00003705');
    expect(price([row({})], { ...usage(0, 0, 10), cacheWriteOneHour: 4 })).toBe('0.0000465');
  });
  test('a class without a rate is billed as the contract says', () => {
    const plain = row({ rates: { input: '1', output: '10' } });
    expect(price([plain], usage(1, 1, 1, 1, 1))).toBe('0.000023');
  });
  test('an unknown price is null, never 0', () => {
    expect(price([], usage(5))).toBeNull();
    expect(price([row({ effectiveFrom: '2026-07-01' })], usage(5))).toBeNull();
    expect(price([row({ rates: null })], usage(5))).toBeNull();
    expect(price([row({ rates: null, perHour: '3.6' })], usage(5))).toBeNull();
  });
  test('the latest row in effect, the workspace before the catalogue, hours of the day', () => {
    const old = row({ effectiveFrom: '2026-01-01' });
    const newer = row({ effectiveFrom: '2026-06-01T12:00:00Z' });
    const own = row({ effectiveFrom: '2025-01-01', source: 'workspace' });
    const peak = row({ effectiveFrom: '2026-01-01', daily: { from: '11:00', until: '13:00' } });
    const night = row({ daily: { from: '22:00', until: '06:00' } });
    expect(priceRowAt([old, newer], at)).toBe(newer);
    expect(priceRowAt([newer, old], at - 1)).toBe(old);
    expect(priceRowAt([newer, own], at)).toBe(own);
    expect(priceRowAt([old, peak], at)).toBe(peak);
    expect(priceRowAt([peak, old], at + 3_600_000)).toBe(old);
    expect(priceRowAt([night], at)).toBeNull();
    expect(priceRowAt([night], at + 11 * 3_600_000)).toBe(night);
  });
  test('a tier holds for prompts above it, cache included, for every class', () => {
    const tiered = row({ tiers: [{ above: 10, rates: { input: '6', output: '30' } }] });
    expect(price([tiered], usage(5, 5, 0, 1))).toBe('0.0000315');
    expect(price([tiered], usage(5, 6, 0, 1))).toBe('0.000096');
  });
  test('requests, searches, batch, hours, sound', () => {
    expect(price([row({ perRequest: '0.012' })], usage(1))).toBe('0.012003');
    expect(price([row({ perWebSearch: '0.01' })], { ...usage(1), webSearches: 2 })).toBe('0.020003');
    expect(price([row({ batchFactor: '0.5' })], usage(1), { batch: true })).toBe('0.0000015');
    expect(price([row({ batchFactor: '0.5' })], usage(1))).toBe('0.000003');
    expect(price([row({ rates: null, perHour: '3.6' })], usage(1), { busySeconds: 2.5 })).toBe('0.0025');
    const sound = row({ rates: { input: '1', output: '2', input_audio: '100', output_audio: '200' } });
    expect(price([sound], { ...usage(10, 0, 0, 5), parts: { inputAudio: 4, outputAudio: 1 } })).toBe(
      '0.000614',
    );
  });
});

test('the price of a sum is the sum of prices, to the last digit, and equals scaled integers', () => {
  const count = fc.nat(5_000_000);
  const counts = fc.record({
    input: count,
    cache_read: count,
    cache_write: count,
    output: count,
    reasoning: count,
  });
  const rate = fc
    .nat(10 ** 9)
    .map((units) => `${Math.floor(units / 10_000)}.${String(units % 10_000).padStart(4, '0')}`);
  const rates = fc.record({
    input: rate,
    output: rate,
    cache_read: rate,
    cache_write: rate,
    reasoning: rate,
  });
  fc.assert(
    fc.property(fc.array(counts, { minLength: 1, maxLength: 20 }), rates, (calls, rates) => {
      const rows = [row({ rates })];
      const costs = calls.map((usage) => priceUsage(rows, { usage, raw: null }, { at }) ?? -1n);
      // Independent reckoning in 10^-10 dollars: rates have four decimals, per million.
      const units = (text: string): bigint => BigInt(text.replace('.', ''));
      const expected = calls.reduce(
        (total, call) =>
          total +
          (Object.keys(call) as (keyof typeof call)[]).reduce(
            (sum, name) => sum + units(rates[name]) * BigInt(call[name]),
            0n,
          ),
        0n,
      );
      expect(sumUsd(costs)).toBe(expected * 10n ** 8n);
    }),
  );
});

test("hourly shares add up exactly, in proportion, and idle time is nobody's", () => {
  expect(shareByBusyTime(10n, [1, 1, 1])).toEqual([4n, 3n, 3n]);
  expect(shareByBusyTime(parseUsd('1'), [0, 0])).toEqual([0n, 0n]);
  fc.assert(
    fc.property(fc.array(fc.nat(3_600_000), { maxLength: 50 }), fc.nat(10 ** 9), (busy, total) => {
      const shares = shareByBusyTime(BigInt(total), busy);
      const all = busy.reduce((a, b) => a + b, 0);
      expect(sumUsd(shares)).toBe(all === 0 ? 0n : BigInt(total));
      shares.forEach((share, index) =>
        expect(
          Math.abs(Number(share) - (all === 0 ? 0 : (total * (busy[index] ?? 0)) / all)),
        ).toBeLessThanOrEqual(1.001),
      );
    }),
  );
});
