// Who is slowed down, how far, and for how long.
import { expect, test } from 'vitest';
import { AbuseThrottle, type ThrottleRule } from './abuse-throttle.ts';

const rule: ThrottleRule = { findings: 3, within: 60_000, requestsPerMinute: 2, lasts: 600_000 };

test('findings within the window slow their user down, and nobody else, until the time is over', () => {
  const throttle = new AbuseThrottle();
  expect(throttle.note('ann', 1, rule, 0)).toBe(false);
  expect(throttle.note('ann', 1, rule, 50_000)).toBe(false);
  expect(throttle.note('ann', 1, rule, 70_000)).toBe(false);
  expect(throttle.admit('ann', rule, 70_000)).toBeNull();
  expect(throttle.note('ann', 1, rule, 80_000)).toBe(true);
  expect([1, 2, 3].map(() => throttle.admit('ann', rule, 81_000))).toEqual([null, null, 60_000]);
  expect(throttle.admit('bob', rule, 81_000)).toBeNull();
  expect(throttle.admit('ann', rule, 141_001)).toBeNull();
  expect(throttle.admit('ann', rule, 680_000)).toBeNull();
  expect([1, 2, 3].map(() => throttle.admit('ann', rule, 680_001))).toEqual([null, null, null]);
});

test('many findings in one request count at once; memory is bounded', () => {
  const throttle = new AbuseThrottle();
  expect(throttle.note('ann', 1_000_000, rule, 0)).toBe(true);
  for (let user = 0; user < 10_001; user += 1) throttle.note(`user ${user}`, 1, rule, 1);
  expect([1, 2, 3].map(() => throttle.admit('ann', rule, 2))).toEqual([null, null, null]);
});
