// The gate blocks harm, approves benefit and harmlessness, and rarely blocks a change that changes nothing.
import { describe, expect, it } from 'vitest';
import { seededUniform } from '../../statistics/seeded.ts';
import { decideGate, type GateCase, type GatePolicy } from './gate-decision.ts';

const policy: GatePolicy = {
  margin: 0.02,
  minimum_cases: 100,
  alpha: 0.05,
  cost_increase: 'any_gain',
  inconclusive: 'block',
};

/** Cases whose new score and cost differ from the old by a shift and noise. */
function cases(count: number, shift: number, costFactor: number, seed = 1): GateCase[] {
  const uniform = seededUniform(seed);
  return Array.from({ length: count }, () => {
    const baseScore = uniform();
    const newScore = Math.min(1, Math.max(0, baseScore + shift + 0.1 * (uniform() - 0.5)));
    const baseCost = 0.001 + 0.001 * uniform();
    return {
      baseScore,
      newScore,
      baseCost,
      newCost: baseCost * costFactor,
      baseUnsafe: false,
      newUnsafe: false,
    };
  });
}

describe('the gate', () => {
  it('approves better at equal cost, and equal at lower cost', () => {
    expect(decideGate(cases(200, 0.1, 1), policy).decision).toBe('approve');
    expect(decideGate(cases(200, 0, 0.8), policy)).toMatchObject({ decision: 'approve', moreCases: null });
  });

  it('blocks worse quality whatever it saves', () => {
    const verdict = decideGate(cases(200, -0.1, 0.5), policy);
    expect(verdict.decision).toBe('block');
    expect(verdict.reasons[0]).toContain('quality is down by');
  });

  it('blocks a rise in cost that nothing is gained by', () => {
    expect(decideGate(cases(200, 0, 1.3), policy).reasons).toEqual([
      expect.stringContaining('rises by 30.0 % without a proven gain'),
    ]);
  });

  it('holds a rise in cost against the policy', () => {
    const better = cases(200, 0.1, 1.3);
    expect(decideGate(better, policy).decision).toBe('approve');
    expect(decideGate(better, { ...policy, cost_increase: 'never' }).decision).toBe('block');
    expect(decideGate(better, { ...policy, max_cost_increase_percentage: 20 }).decision).toBe('block');
    expect(
      decideGate(better, { ...policy, cost_increase: { quality_gain_per_10_percent: 0.02 } }).decision,
    ).toBe('approve');
    expect(
      decideGate(better, { ...policy, cost_increase: { quality_gain_per_10_percent: 0.2 } }).decision,
    ).toBe('block');
  });

  it('blocks a new safety failure', () => {
    const [first, ...rest] = cases(200, 0.1, 1);
    expect(decideGate([{ ...(first as GateCase), newUnsafe: true }, ...rest], policy).decision).toBe('block');
    expect(
      decideGate([{ ...(first as GateCase), newUnsafe: true, baseUnsafe: true }, ...rest], policy).decision,
    ).toBe('approve');
  });

  it('says how many more cases would settle it, and adding them does, within a few rounds', () => {
    const strict = { ...policy, margin: 0.005, minimum_cases: 5 };
    let count = 20;
    let verdict = decideGate(cases(count, 0, 1), strict);
    expect(verdict.decision).toBe('inconclusive');
    for (let round = 0; round < 6 && verdict.decision === 'inconclusive'; round += 1) {
      expect(verdict.moreCases).toBeGreaterThan(0);
      count += 2 * (verdict.moreCases ?? 0);
      verdict = decideGate(cases(count, 0, 1), strict);
    }
    expect(verdict.decision).toBe('approve');
  });

  it('decides nothing good on too few cases, without scores, or without prices', () => {
    expect(decideGate(cases(99, 0.1, 1), policy).decision).toBe('inconclusive');
    expect(decideGate([], policy)).toMatchObject({ decision: 'inconclusive', quality: null });
    const unpriced = cases(200, 0.1, 1).map((one) => ({ ...one, newCost: null }));
    expect(decideGate(unpriced, policy)).toMatchObject({ decision: 'inconclusive', cost: null });
  });

  it('blocks at most 5 % of changes that change nothing', () => {
    let blocked = 0;
    const runs = 1000;
    for (let run = 0; run < runs; run += 1) {
      const uniform = seededUniform(run + 1);
      const nothing = Array.from({ length: 120 }, () => ({
        baseScore: Number(uniform() < 0.7),
        newScore: Number(uniform() < 0.7),
        baseCost: 0.001 * (0.5 + uniform()),
        newCost: 0.001 * (0.5 + uniform()),
        baseUnsafe: false,
        newUnsafe: false,
      }));
      if (decideGate(nothing, policy).decision === 'block') blocked += 1;
    }
    expect(blocked / runs).toBeLessThanOrEqual(0.065);
  });
});
