// Admission lets in what capacity and the event loop bear, sheds the rest, and recovers.
import { expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { Admission, DEFAULT_ADMISSION } from './admission.ts';

it('of 3,000 a second about a configured 1,000 are let in, evenly', () => {
  const clock = new ManualClock(0);
  const admission = new Admission(clock);
  const admitted: number[] = [];
  for (let second = 0; second < 3; second += 1) {
    let count = 0;
    for (let index = 0; index < 3000; index += 1) {
      clock.advance(1 / 3);
      const verdict = admission.admit(1000);
      if (verdict.admitted) count += 1;
      else expect(verdict).toMatchObject({ reason: 'capacity', retryAfterSeconds: 1 });
    }
    admitted.push(count);
  }
  for (const count of admitted) expect(Math.abs(count - 1000)).toBeLessThanOrEqual(21);
});

it('sheds a growing share while the loop is late, and none again once it is not', () => {
  const admission = new Admission(new ManualClock(0), { ...DEFAULT_ADMISSION, leastInFlight: 0 });
  const share = (): number => {
    let shed = 0;
    for (let index = 0; index < 1000; index += 1) {
      if (admission.admit(null).admitted) admission.left();
      else shed += 1;
    }
    return shed / 1000;
  };
  admission.noteDelay(DEFAULT_ADMISSION.targetDelayMs);
  expect(share()).toBe(0);
  for (let look = 0; look < 10; look += 1) admission.noteDelay(100);
  expect(share()).toBeGreaterThan(0.5);
  for (let look = 0; look < 50; look += 1) admission.noteDelay(500);
  expect(share()).toBeCloseTo(DEFAULT_ADMISSION.mostShed, 2);
  for (let look = 0; look < 100; look += 1) admission.noteDelay(0);
  expect(share()).toBe(0);
});

it('sheds nothing for a late loop while few are in flight', () => {
  const admission = new Admission(new ManualClock(0));
  for (let look = 0; look < 50; look += 1) admission.noteDelay(500);
  let admitted = 0;
  while (admission.admit(null).admitted) admitted += 1;
  expect(admitted).toBeGreaterThanOrEqual(DEFAULT_ADMISSION.leastInFlight);
});

it('holds so many bytes and requests and no more', () => {
  const admission = new Admission(new ManualClock(0), {
    ...DEFAULT_ADMISSION,
    maxBodyBytes: 100,
    maxInFlight: 2,
  });
  expect(admission.hold(60).admitted).toBe(true);
  expect(admission.hold(60)).toMatchObject({ admitted: false, reason: 'bytes' });
  admission.release(60);
  expect(admission.hold(100).admitted).toBe(true);
  expect([1, 2, 3].map(() => admission.admit(null).admitted)).toEqual([true, true, false]);
  admission.left();
  expect(admission.admit(null).admitted).toBe(true);
  expect(admission.figures()).toMatchObject({
    inFlight: 2,
    bodyBytes: 100,
    shed: { bytes: 1, in_flight: 1 },
  });
});
