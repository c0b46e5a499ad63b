// An endless stream: nothing in a long quiet time, a change found wherever it falls, also across the hand-over of scans.
import { expect, it } from 'vitest';
import { seededUniform } from '../../statistics/seeded.ts';
import { DriftStream } from './drift-stream.ts';
import { complaintFeatures, errorFeatures } from './online-signals.ts';
import type { Feature, Observation } from './signals.ts';

function run(changeAfter: number, total: number, seed: number): DriftStream {
  const uniform = seededUniform(seed);
  const stream = new DriftStream(errorFeatures(), `stream ${seed}`);
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

function changesOf(
  features: readonly Feature[],
  observe: (isAfter: boolean, uniform: () => number) => Observation,
  seed: number,
): DriftStream {
  const uniform = seededUniform(seed);
  const stream = new DriftStream(features, `kinds ${seed}`);
  for (let index = 0; index < 2_000; index += 1) {
    stream.add(observe(index >= 1_000, uniform), index);
    if (stream.changes().length > 0) break;
  }
  return stream;
}

it('finds one kind of error in the place of another, where as many fail as before', () => {
  const failing = (isAfter: boolean, uniform: () => number): Observation => {
    if (uniform() >= 0.1) return { value: 0 };
    return { value: 1, kind: isAfter ? 'rate_limited' : 'timeout' };
  };
  for (const seed of [1, 2, 3, 4, 5]) {
    const [found] = changesOf(errorFeatures(), failing, seed).changes();
    expect(found?.signal).toBe('errors');
    expect(['timeout', 'rate_limited']).toContain(found?.feature);
    expect(Math.abs((found?.changedAt ?? 0) - 1_000)).toBeLessThan(60);
    const same = changesOf(errorFeatures(), (_, uniform) => failing(false, uniform), seed);
    expect(same.changes()).toEqual([]);
  }
});

it('finds comments that begin to complain among many thumbs without a comment', () => {
  const given = (isAfter: boolean, uniform: () => number): Observation => {
    const thumbsDown = uniform() < 0.3;
    if (uniform() >= 0.15) return { value: thumbsDown ? 1 : 0 };
    const complains = uniform() < (isAfter ? 0.8 : 0.1);
    return { value: complains || thumbsDown ? 1 : 0, kind: complains ? 'complaint' : 'other' };
  };
  const [found] = changesOf(complaintFeatures(), given, 4).changes();
  expect(found).toMatchObject({ signal: 'complaints', feature: 'comments' });
  expect(found?.changedAt).toBeGreaterThan(900);
  expect(changesOf(complaintFeatures(), (_, uniform) => given(false, uniform), 4).changes()).toEqual([]);
});

it('cries wolf over errors of all kinds in few of many quiet streams', () => {
  const kinds = ['api_error', 'timeout', 'rate_limited', 'client_error'];
  let alarms = 0;
  for (let seed = 0; seed < 60; seed += 1) {
    const quiet = (_: boolean, uniform: () => number): Observation =>
      uniform() < 0.1 ? { value: 1, kind: kinds[Math.floor(uniform() * kinds.length)] ?? '' } : { value: 0 };
    if (changesOf(errorFeatures(), quiet, 100 + seed).changes().length > 0) alarms += 1;
  }
  // 2,000 observations each: 9 in 100 are allowed.
  expect(alarms).toBeLessThanOrEqual(6);
});
