// A judge against human labels.
import { expect, test } from 'vitest';
import { calibrateJudge } from './judge-calibration.ts';

test('agreement on the labelled items, mean over all, interval around it', () => {
  const items = Array.from({ length: 200 }, (_, index) => {
    const human = index % 3 === 0 ? 1 : 0;
    const judge = index % 10 === 0 ? 1 - human : human;
    return index < 60 ? { judge, human } : { judge };
  });
  const result = calibrateJudge(items);
  expect(result.agreement).toBeCloseTo(0.9, 10);
  expect(result.kappa).toBeGreaterThan(0.7);
  expect(result.corrected_mean).toBeCloseTo(1 / 3, 1);
  const [low, high] = result.interval as [number, number];
  expect(low).toBeLessThan(1 / 3);
  expect(high).toBeGreaterThan(1 / 3);
  expect(result.labels_saved).toBeGreaterThan(0.2);
});

test('a judge that is always two grades too kind is corrected', () => {
  const items = Array.from({ length: 300 }, (_, index) => {
    const human = 1 + (index % 3);
    return index % 5 === 0 ? { judge: human + 2, human } : { judge: human + 2 };
  });
  const result = calibrateJudge(items);
  expect(result.judge_mean).toBeCloseTo(4, 5);
  expect(result.corrected_mean).toBeCloseTo(2, 5);
  expect(result.agreement).toBe(0);
});

test('no labels: nothing is claimed', () => {
  expect(calibrateJudge([{ judge: 1 }])).toMatchObject({
    agreement: null,
    corrected_mean: null,
    interval: null,
  });
});
