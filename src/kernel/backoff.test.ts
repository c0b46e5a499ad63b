// Pauses double from the first to the longest, and stay there.
import { expect, test } from 'vitest';
import { pauseAfter } from './backoff.ts';

test('pauses double up to the longest, however often it fails', () => {
  const backoff = { first: 100, longest: 5000 };
  expect([1, 2, 3, 6, 7, 5000].map((failures) => pauseAfter(failures, backoff))).toEqual([
    100, 200, 400, 3200, 5000, 5000,
  ]);
});
