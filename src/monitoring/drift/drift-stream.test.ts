// An endless stream: nothing in a long quiet time, a change found wherever it falls, also across the hand-over of scans.
import { expect, it } from 'vitest';
import { seededUniform } from '../../statistics/seeded.ts';
import { DriftStream } from './drift-stream.ts';
import { flagFeatures } from './online-signals.ts';

function run(changeAfter: number, total: number, seed: number): DriftStream {
  const uniform = seededUniform(seed);
  const stream = new DriftStream(flagFeatures('errors'), `stream ${seed}`);
  for (let index = 0; index < total; index += 1) {
    stream.add({ value: uniform() < (index < changeAfter ? 0.02 : 0.5) ? 1 : 0 }, index * 10);
    if (stream.changes().length > 0) break;
  }
  return stream;
}

it.each([500, 3_990, 4_010, 5_000])('finds a change after %d observations by time', (changeAfter) => {
  const [found] = run(changeAfter, changeAfter + 60, 5).changes();
  expect(found?.signal).toBe('errors');
  expect(Math.abs((found?.changedAt ?? 0) - changeAfter * 10)).toBeLessThanOrEqual(150);
  expect(found?.after).toBeGreaterThan(found?.before ?? 1);
});

it('holds no more than it must, and says nothing in a quiet stream', () => {
  const stream = run(Number.POSITIVE_INFINITY, 9_000, 5);
  expect(stream.changes()).toEqual([]);
  expect(stream.length).toBeLessThan(4_000);
});
