// The gate's verdict on one changed prompt: by quality and cost, each against the baseline on the same cases, with a test for noise. Pure.
import { mean, type Interval } from '../../statistics/interval.ts';
import { comparePairs, pairsNeeded } from '../../statistics/paired.ts';
import { normalQuantile } from '../../statistics/quantiles.ts';

/** What a rise in cost needs: `never` accepted; any proven gain; or a gain in quality for each 10 % of cost. */
export type CostIncreasePolicy = 'never' | 'any_gain' | { readonly quality_gain_per_10_percent: number };

export interface GatePolicy {
  /** How much worse still counts as not worse, as a share of the score range. */
  readonly margin: number;
  /** Fewer cases than this decide nothing good. */
  readonly minimum_cases: number;
  /** Bound on the probability of blocking a change that changes nothing (harm is held to half of it), and 1 − the level of intervals. */
  readonly alpha: number;
  readonly cost_increase: CostIncreasePolicy;
  readonly max_cost_increase_percentage?: number | undefined;
  /** What `inconclusive` means for the exit code. */
  readonly inconclusive: 'block' | 'allow';
}

/** One case on both versions. Scores 0..1; null where a side could not be scored. Cost in US$; null where no price is known. */
export interface GateCase {
  readonly baseScore: number | null;
  readonly newScore: number | null;
  readonly baseCost: number | null;
  readonly newCost: number | null;
  /** Whether a safety scorer failed on either side. */
  readonly baseUnsafe: boolean;
  readonly newUnsafe: boolean;
}

export interface Comparison {
  readonly base: number;
  readonly new: number;
  readonly difference: number;
  /** Of the difference, at 1 − alpha. */
  readonly interval: Interval;
  readonly n: number;
}

export interface GateVerdict {
  readonly decision: 'approve' | 'block' | 'inconclusive';
  readonly reasons: readonly string[];
  /** Null where no case was scored on both sides. */
  readonly quality: Comparison | null;
  /** US$ per request; null where a price is missing. */
  readonly cost: Comparison | null;
  /** Further cases that would settle an inconclusive verdict, at today's difference; null where none is needed or no number would. */
  readonly moreCases: number | null;
}

/** Decides. Blocks on proven harm, approves on proven benefit or harmlessness, else says what is missing. */
export function decideGate(cases: readonly GateCase[], policy: GatePolicy): GateVerdict {
  const quality = compare(cases, (one) => [one.baseScore, one.newScore], policy.alpha);
  const cost = compare(cases, (one) => [one.baseCost, one.newCost], policy.alpha);
  // Two ways to block by chance, each with a quarter of alpha in its tail: together well under alpha, also in a hundred tries.
  const surelyQuality = compare(cases, (one) => [one.baseScore, one.newScore], policy.alpha / 2);
  const surelyCost = compare(cases, (one) => [one.baseCost, one.newCost], policy.alpha / 2);
  const harms = [
    ...safetyHarm(cases),
    ...qualityHarm(surelyQuality, policy),
    ...costHarm(quality, surelyCost, policy),
  ];
  if (harms.length > 0) return { decision: 'block', reasons: harms, quality, cost, moreCases: null };
  const doubts = doubtsOf(quality, cost, policy);
  if (doubts.length > 0) {
    const moreCases = quality === null ? null : further(cases, quality, policy);
    return { decision: 'inconclusive', reasons: doubts, quality, cost, moreCases };
  }
  return { decision: 'approve', reasons: approvalOf(quality, cost), quality, cost, moreCases: null };
}

type Pair = readonly [number | null, number | null];

function compare(
  cases: readonly GateCase[],
  pick: (one: GateCase) => Pair,
  alpha: number,
): Comparison | null {
  const pairs = cases
    .map(pick)
    .filter((pair): pair is readonly [number, number] => pair[0] !== null && pair[1] !== null);
  if (pairs.length < 2) return null;
  const base = pairs.map(([value]) => value);
  const fresh = pairs.map(([, value]) => value);
  const { estimate, interval, n } = comparePairs(base, fresh, 1 - alpha);
  return { base: mean(base), new: mean(fresh), difference: estimate, interval, n };
}

function safetyHarm(cases: readonly GateCase[]): string[] {
  const base = cases.filter((one) => one.baseUnsafe).length;
  const fresh = cases.filter((one) => one.newUnsafe).length;
  return fresh > base ? [`a safety scorer fails on ${fresh} of ${cases.length} cases (before: ${base})`] : [];
}

/** Down beyond the margin, and down by more than noise. */
function qualityHarm(quality: Comparison | null, { margin }: GatePolicy): string[] {
  if (quality === null || quality.interval.high >= 0 || quality.difference > -margin) return [];
  return [`quality is down by ${points(-quality.difference)}, beyond the margin of ${points(margin)}`];
}

function costHarm(quality: Comparison | null, cost: Comparison | null, policy: GatePolicy): string[] {
  if (cost === null || cost.interval.low <= 0) return [];
  const rise = cost.base === 0 ? Number.POSITIVE_INFINITY : (100 * cost.difference) / cost.base;
  const said = `cost per request rises by ${Number.isFinite(rise) ? `${rise.toFixed(1)} %` : 'all of it (it was 0)'}`;
  if (policy.max_cost_increase_percentage !== undefined && rise > policy.max_cost_increase_percentage) {
    return [`${said}, more than the ${policy.max_cost_increase_percentage} % the policy allows`];
  }
  if (policy.cost_increase === 'never') return [`${said}, and the policy accepts no rise`];
  const proven = quality !== null && quality.interval.low > 0;
  if (!proven) return [`${said} without a proven gain in quality`];
  if (policy.cost_increase === 'any_gain') return [];
  const needed = (policy.cost_increase.quality_gain_per_10_percent * rise) / 10;
  if (quality.difference >= needed) return [];
  return [`${said}; quality gains ${points(quality.difference)} where the policy asks for ${points(needed)}`];
}

function doubtsOf(quality: Comparison | null, cost: Comparison | null, policy: GatePolicy): string[] {
  if (quality === null) return ['no case was scored on both versions'];
  const doubts: string[] = [];
  if (quality.n < policy.minimum_cases)
    doubts.push(`${quality.n} cases were scored, the policy asks for ${policy.minimum_cases}`);
  if (quality.interval.low <= -policy.margin) {
    doubts.push(
      `quality may be down by up to ${points(-quality.interval.low)}, more than the margin of ${points(policy.margin)}`,
    );
  }
  if (cost === null) doubts.push('cost is not known: a model has no price');
  doubts.push(...costHarm(quality, cost, policy).map((harm) => `${harm}; but not beyond noise yet`));
  return doubts;
}

function approvalOf(quality: Comparison | null, cost: Comparison | null): string[] {
  if (quality === null || cost === null) return [];
  const better =
    quality.interval.low > 0
      ? `quality is up by ${points(quality.difference)}`
      : 'quality is not worse within the margin';
  const change = cost.base === 0 ? 0 : (100 * cost.difference) / cost.base;
  const cheaper =
    cost.interval.high < 0
      ? `cost per request is down by ${(-change).toFixed(1)} %`
      : cost.interval.low > 0
        ? `the policy accepts ${change.toFixed(1)} % more cost for it`
        : 'cost is not higher';
  return [better, cheaper];
}

/** Cases beyond today's that would show the difference to be within the margin, or below zero if it is beyond it. */
function further(cases: readonly GateCase[], quality: Comparison, policy: GatePolicy): number | null {
  const differences = cases.flatMap(({ baseScore, newScore }) =>
    baseScore === null || newScore === null ? [] : [newScore - baseScore],
  );
  const { deviation } = comparePairs(
    differences.map(() => 0),
    differences,
  );
  const room = quality.difference > -policy.margin ? quality.difference + policy.margin : -quality.difference;
  const needed = Math.max(
    policy.minimum_cases,
    pairsNeeded(deviation, room, normalQuantile(1 - policy.alpha / 2)),
  );
  return Number.isFinite(needed) ? Math.max(1, needed - quality.n) : null;
}

/** A share of the score range as percentage points. */
function points(share: number): string {
  return `${(100 * share).toFixed(1)} points`;
}
