// The retry budget holds its promise whatever the traffic; pauses obey the vendor; deployments are drawn by weight or latency.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { seededUniform } from '../statistics/seeded.ts';
import { orderDeployments } from './balance.ts';
import { pauseBeforeRetry, RetryBudget } from './retry.ts';

describe('retry budget', () => {
  it('keeps calls within 1.2 × requests from sixty requests on, with every request failing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 3000 }), fc.integer({ min: 1, max: 5 }), (requests, wanted) => {
        const budget = new RetryBudget(new ManualClock(0));
        let calls = 0;
        for (let request = 0; request < requests; request += 1) {
          budget.earn();
          calls += 1;
          for (let retry = 0; retry < wanted && budget.spend(); retry += 1) calls += 1;
        }
        expect(calls).toBeLessThanOrEqual(1.2 * requests);
      }),
    );
  });

  it('gives thin traffic one retry a minute', () => {
    const clock = new ManualClock(0);
    const budget = new RetryBudget(clock);
    while (budget.spend());
    expect(budget.spend()).toBe(false);
    clock.advance(60_000);
    expect(budget.spend()).toBe(true);
    expect(budget.spend()).toBe(false);
  });
});

describe('pause before a retry', () => {
  it('is what the vendor asked for', () => expect(pauseBeforeRetry(0, 7, 0.5)).toBe(7000));
  it('doubles with jitter up to two seconds', () => {
    expect(pauseBeforeRetry(0, undefined, 0.999)).toBeCloseTo(99.9);
    expect(pauseBeforeRetry(3, undefined, 0.5)).toBe(400);
    expect(pauseBeforeRetry(20, undefined, 0.5)).toBe(1000);
  });
});

describe('order of deployments', () => {
  it('draws in proportion to weight and never prefers weight 0', () => {
    const uniform = seededUniform(1);
    const candidates = [3, 1, 0].map((weight) => ({ weight, latencyMs: null, inFlight: 0 }));
    const first = [0, 0, 0];
    for (let draw = 0; draw < 4000; draw += 1) {
      const [index] = orderDeployments(candidates, 'weighted', uniform);
      first[index as number] = (first[index as number] as number) + 1;
    }
    expect((first[0] as number) / 4000).toBeCloseTo(0.75, 1);
    expect(first[2]).toBe(0);
  });
  it('prefers the shorter expected wait, and what was never tried', () => {
    const order = (candidates: Parameters<typeof orderDeployments>[0]): number[] =>
      orderDeployments(candidates, 'least-latency', seededUniform(2));
    expect(
      order([
        { weight: 1, latencyMs: 100, inFlight: 5 },
        { weight: 1, latencyMs: 300, inFlight: 0 },
      ]),
    ).toEqual([1, 0]);
    expect(
      order([
        { weight: 1, latencyMs: 100, inFlight: 0 },
        { weight: 1, latencyMs: null, inFlight: 0 },
      ]),
    ).toEqual([1, 0]);
  });
});
