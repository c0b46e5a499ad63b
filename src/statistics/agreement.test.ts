// κ and α against published examples.
import { describe, expect, test } from 'vitest';
import { cohensKappa, krippendorffAlpha } from './agreement.ts';

describe("Cohen's κ", () => {
  test('a textbook table: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no gives 0.4', () => {
    const pairs = [
      ...Array.from({ length: 20 }, () => [1, 1]),
      ...Array.from({ length: 5 }, () => [1, 0]),
      ...Array.from({ length: 10 }, () => [0, 1]),
      ...Array.from({ length: 15 }, () => [0, 0]),
    ] as [number, number][];
    const a = pairs.map(([first]) => first);
    const b = pairs.map(([, second]) => second);
    expect(cohensKappa(a, b)).toBeCloseTo(0.4, 10);
    expect(cohensKappa(a, b, 'quadratic')).toBeCloseTo(0.4, 10);
  });
  test('weights forgive near misses; one category only is not decidable', () => {
    const a = [1, 2, 3, 4, 5];
    const b = [2, 2, 3, 4, 4];
    expect(cohensKappa(a, b, 'quadratic') as number).toBeGreaterThan(cohensKappa(a, b) as number);
    expect(cohensKappa(a, a)).toBe(1);
    expect(cohensKappa([1, 1], [1, 1])).toBeNull();
    expect(cohensKappa([], [])).toBeNull();
  });
});

describe("Krippendorff's α", () => {
  // The example of "Computing Krippendorff's alpha-reliability" (2011), §C: four observers, twelve units, gaps.
  const gap = null;
  const observers = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, gap, gap, gap],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, gap, 3],
    [gap, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, gap],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, gap],
  ];
  const units = Array.from({ length: 12 }, (_, unit) =>
    observers.map((row) => row[unit] ?? null).filter((value): value is number => value !== null),
  );
  test('as published: nominal 0.743, ordinal 0.815, interval 0.849', () => {
    expect(krippendorffAlpha(units, 'nominal')).toBeCloseTo(0.743, 3);
    expect(krippendorffAlpha(units, 'ordinal')).toBeCloseTo(0.815, 3);
    expect(krippendorffAlpha(units, 'interval')).toBeCloseTo(0.849, 3);
  });
  test('nothing to compare is null, full agreement 1', () => {
    expect(krippendorffAlpha([[1], [2]])).toBeNull();
    expect(
      krippendorffAlpha([
        [1, 1],
        [2, 2],
      ]),
    ).toBe(1);
  });
});
