// Intervals against published values and by simulated coverage.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrapInterval } from './bootstrap.ts';
import { mean, shareDifference, tInterval, wilsonInterval } from './interval.ts';
import { comparePairs, mcnemar, pairsNeeded } from './paired.ts';
import { seededUniform } from './seeded.ts';

/** Standard normal values (Box–Muller). */
function normals(seed: number): () => number {
  const uniform = seededUniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Share of draws whose interval holds the truth. */
function coverage(draws: number, truth: number, interval: () => { low: number; high: number }): number {
  let covered = 0;
  for (let draw = 0; draw < draws; draw += 1) {
    const { low, high } = interval();
    if (low <= truth && truth <= high) covered += 1;
  }
  return covered / draws;
}

describe('published values', () => {
  test('Wilson (Newcombe 1998, table I: 81 of 263)', () => {
    const { low, high } = wilsonInterval(81, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
    expect(wilsonInterval(0, 20).low).toBe(0);
    expect(wilsonInterval(0, 20).high).toBeCloseTo(0.1611, 4);
  });
  test('difference of shares (Newcombe 1998, table II: 56/70 and 48/80)', () => {
    const { estimate, interval } = shareDifference({ successes: 48, n: 80 }, { successes: 56, n: 70 });
    expect(estimate).toBeCloseTo(0.2, 10);
    expect(interval.low).toBeCloseTo(0.0524, 4);
    expect(interval.high).toBeCloseTo(0.3339, 4);
  });
  test('McNemar exact', () => {
    expect(mcnemar(0, 0)).toBe(1);
    expect(mcnemar(5, 5)).toBe(1);
    expect(mcnemar(1, 9)).toBeCloseTo(22 / 1024, 10);
  });
  test("Student's sleep data: mean difference 1.58, p = 0.00283", () => {
    const drug1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    const drug2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const result = comparePairs(drug1, drug2);
    expect(result.estimate).toBeCloseTo(1.58, 10);
    expect(result.pValue).toBeCloseTo(0.002833, 6);
    expect(result.interval.low).toBeLessThanOrEqual(0.7001142 + 1e-6);
  });
});

describe('promised coverage of 95 %, by simulation', () => {
  const uniform = seededUniform(11);
  test.each([
    [20, 0.1],
    [60, 0.5],
    [100, 0.97],
  ])('Wilson, n = %i, p = %d', (n, p) => {
    const share = coverage(4_000, p, () => {
      let successes = 0;
      for (let trial = 0; trial < n; trial += 1) if (uniform() < p) successes += 1;
      return wilsonInterval(successes, n);
    });
    expect(share).toBeGreaterThan(0.93);
  });
  test('Student, n = 8', () => {
    const normal = normals(3);
    const share = coverage(4_000, 0, () => tInterval(Array.from({ length: 8 }, normal)));
    expect(share).toBeGreaterThan(0.94);
    expect(share).toBeLessThan(0.96);
  });
  test('bootstrap of a skewed mean, n = 40', () => {
    const share = coverage(300, 1, () =>
      bootstrapInterval(
        Array.from({ length: 40 }, () => -Math.log(1 - uniform())),
        mean,
        { resamples: 500 },
      ),
    );
    expect(share).toBeGreaterThan(0.89);
  });
  test('difference of shares', () => {
    const share = coverage(3_000, 0.1, () => {
      const drawn = (n: number, p: number) => ({
        n,
        successes: Array.from({ length: n }, () => Number(uniform() < p)).reduce((a, b) => a + b, 0),
      });
      return shareDifference(drawn(50, 0.2), drawn(70, 0.3)).interval;
    });
    expect(share).toBeGreaterThan(0.935);
  });
});

test('edges never throw or turn into NaN', () => {
  expect(tInterval([3])).toEqual({ low: -Infinity, high: Infinity });
  expect(comparePairs([1, 1, 1], [1, 1, 1]).pValue).toBe(1);
  expect(comparePairs([1, 1, 1], [2, 2, 2]).pValue).toBe(0);
  expect(pairsNeeded(0.5, 0)).toBe(Infinity);
  expect(pairsNeeded(0.5, 0.05)).toBe(385);
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 30 }),
      (values) => {
        const { low, high } = bootstrapInterval(values, mean, { resamples: 50 });
        expect(low <= high).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});
