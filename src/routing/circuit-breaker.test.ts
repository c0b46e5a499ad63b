// The breaker opens within five failures or at an error rate, probes one call at a time, and closes on the first success.
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { CircuitBreaker, DEFAULT_BREAKER } from './circuit-breaker.ts';

function breaker(): { clock: ManualClock; it: CircuitBreaker } {
  const clock = new ManualClock(0);
  return { clock, it: new CircuitBreaker(DEFAULT_BREAKER, clock) };
}

describe('circuit breaker', () => {
  it('opens on the fifth failure in a row, not before', () => {
    const { it: one } = breaker();
    for (let failure = 0; failure < 4; failure += 1) one.failed();
    expect(one.admit()).toBe('closed');
    one.failed();
    expect(one.admit()).toBe('open');
  });

  it('opens at half failing of twenty, though never five in a row', () => {
    const { it: one } = breaker();
    for (let call = 0; call < 20; call += 1) {
      if (call % 2 === 0) one.succeeded();
      else one.failed();
    }
    expect(one.admit()).toBe('open');
  });

  it('forgets failures that fell out of the window', () => {
    const { clock, it: one } = breaker();
    for (let call = 0; call < 18; call += 1) {
      if (call % 2 === 0) one.succeeded();
      else one.failed();
    }
    clock.advance(31_000);
    one.succeeded();
    one.failed();
    expect(one.admit()).toBe('closed');
  });

  it('lets one probe through after the pause, closes on its success', () => {
    const { clock, it: one } = breaker();
    for (let failure = 0; failure < 5; failure += 1) one.failed();
    clock.advance(2_000);
    expect(one.admit()).toBe('probe');
    expect(one.admit()).toBe('open');
    one.succeeded();
    expect(one.admit()).toBe('closed');
  });

  it('waits longer after each failed probe, never more than 15 s', () => {
    const { clock, it: one } = breaker();
    for (let failure = 0; failure < 5; failure += 1) one.failed();
    for (const pause of [2_000, 4_000, 8_000, 15_000, 15_000]) {
      clock.advance(pause - 1);
      expect(one.admit()).toBe('open');
      clock.advance(1);
      expect(one.admit()).toBe('probe');
      one.failed();
    }
  });

  it('gives the probe back when it told nothing', () => {
    const { clock, it: one } = breaker();
    for (let failure = 0; failure < 5; failure += 1) one.failed();
    clock.advance(2_000);
    one.admit();
    one.abandoned();
    expect(one.admit()).toBe('probe');
  });
});
