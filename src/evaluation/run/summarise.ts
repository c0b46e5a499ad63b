// A run's numbers, target by target: quality and each scorer with an interval over cases, cost, latency and tokens a request, and
// failures apart from all of them. Repeats of a case are averaged first: they are not cases of their own. Pure.
import { formatUsd, parseUsd, type Usd } from '../../kernel/money.ts';
import type { ScorerUse, Target } from '../suite.ts';
import { estimateMean, type MeanEstimate } from './estimate-mean.ts';
import { isFinished } from './gateway-call.ts';
import type { RunAnswer, RunCase, ScorerSummary, TargetSummary } from './run-result.ts';

const UNIT: readonly [number, number] = [0, 1];
const MONEY: readonly [number, number] = [0, Number.POSITIVE_INFINITY];

export function summariseTargets(
  targets: readonly Target[],
  scorers: readonly ScorerUse[],
  cases: readonly RunCase[],
  answers: readonly RunAnswer[],
): TargetSummary[] {
  return targets.map((target, index) =>
    summariseTarget(
      target,
      scorers,
      cases,
      answers.filter((answer) => answer.target === index),
    ),
  );
}

function summariseTarget(
  target: Target,
  uses: readonly ScorerUse[],
  cases: readonly RunCase[],
  answers: readonly RunAnswer[],
): TargetSummary {
  const finished = answers.flatMap(({ outcome }) => (isFinished(outcome) ? [outcome] : []));
  const counted = (status: string): number =>
    answers.filter(({ outcome }) => outcome.status === status).length;
  const latencies = finished.map(({ latency_ms }) => latency_ms).sort((a, b) => a - b);
  return {
    target: target.name,
    quality: meanOverCases(answers, cases, (answer) => answer.quality),
    scorers: uses.map((use, index) => summariseScorer(use, index, cases, answers)),
    answered: counted('answered'),
    blocked: counted('blocked'),
    failed: counted('failed'),
    not_asked: counted('over_ceiling'),
    failures: failuresByCode(answers),
    unsafe: answers.filter(({ unsafe }) => unsafe).length,
    ...costOf(finished.map(({ cost_usd }) => cost_usd)),
    latency_p50_ms: rank(latencies, 0.5),
    latency_p99_ms: rank(latencies, 0.99),
    input_tokens: average(
      finished.map(({ usage }) => usage && usage.input + usage.cache_read + usage.cache_write),
    ),
    output_tokens: average(finished.map(({ usage }) => usage && usage.output + usage.reasoning)),
    simulated: target.isSimulated,
  };
}

function summariseScorer(
  use: ScorerUse,
  index: number,
  cases: readonly RunCase[],
  answers: readonly RunAnswer[],
): ScorerSummary {
  const given = answers.flatMap(({ scores }) => scores[index] ?? []);
  const scored = given.filter(({ score }) => score !== null);
  return {
    scorer: use.scorer,
    score: meanOverCases(answers, cases, (answer) => answer.scores[index]?.score ?? null),
    passed: use.threshold === undefined ? null : scored.filter(({ passed }) => passed === true).length,
    scored: scored.length,
    failed: given.length - scored.length,
  };
}

/** One value a case: the mean over its repeats that have one. */
export function valuesByCase(
  answers: readonly RunAnswer[],
  valueOf: (answer: RunAnswer) => number | null,
): Map<number, number> {
  const sums = new Map<number, { total: number; count: number }>();
  for (const answer of answers) {
    const value = valueOf(answer);
    if (value === null) continue;
    const sum = sums.get(answer.case) ?? { total: 0, count: 0 };
    sums.set(answer.case, { total: sum.total + value, count: sum.count + 1 });
  }
  return new Map([...sums].map(([index, { total, count }]) => [index, total / count]));
}

function meanOverCases(
  answers: readonly RunAnswer[],
  cases: readonly RunCase[],
  valueOf: (answer: RunAnswer) => number | null,
): MeanEstimate | null {
  const values = [...valuesByCase(answers, valueOf)];
  return estimateMean(
    values.map(([, value]) => value),
    { bounds: UNIT, weights: values.map(([index]) => cases[index]?.weight ?? 1) },
  );
}

function failuresByCode(answers: readonly RunAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of answers)
    if (outcome.status === 'failed') counts[outcome.code] = (counts[outcome.code] ?? 0) + 1;
  return counts;
}

/** US$ as a number, for statistics alone. */
export function usdNumber(amount: string): number {
  return Number(amount);
}

/** Mean of exact amounts, rounded down at 10⁻¹⁸. */
export function meanUsd(amounts: readonly string[]): Usd {
  const total = amounts.reduce((sum, amount) => sum + parseUsd(amount), 0n);
  return total / BigInt(amounts.length);
}

type CostFigures = Pick<TargetSummary, 'cost_per_request_usd' | 'cost_interval_usd' | 'total_cost_usd'>;

function costOf(costs: readonly (string | null)[]): CostFigures {
  const known = costs.filter((cost) => cost !== null);
  if (known.length === 0 || known.length < costs.length)
    return { cost_per_request_usd: null, cost_interval_usd: null, total_cost_usd: null };
  const estimate = estimateMean(known.map(usdNumber), { bounds: MONEY });
  return {
    cost_per_request_usd: formatUsd(meanUsd(known)),
    cost_interval_usd: known.length < 2 || estimate === null ? null : estimate.interval,
    total_cost_usd: formatUsd(known.reduce((sum, cost) => sum + parseUsd(cost), 0n)),
  };
}

/** The value at a share of sorted values (nearest rank). */
function rank(values: readonly number[], share: number): number | null {
  return values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? null;
}

function average(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
