// A short outage of one of two providers is not seen by callers; the long one is run by outage.ts.
import { expect, it } from 'vitest';
import { runOutage } from './outage.ts';

it('one of two providers down: all are answered, it is left alone after five failures, and used again once it is back', async () => {
  const report = await runOutage({
    rate: 60,
    seconds: { before: 1, down: 3, after: 6 },
    fault: { down: true },
  });
  expect(report.sent).toBe(600);
  expect(report.answered / report.sent).toBeGreaterThanOrEqual(0.999);
  expect(report.failuresUntilOpen).toBeLessThanOrEqual(5);
  expect(report.upstreamCalls).toBeLessThanOrEqual(1.2 * report.sent);
  expect(report.recoveredMs).not.toBeNull();
}, 40_000);
