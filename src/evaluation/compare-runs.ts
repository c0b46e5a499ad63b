// Two runs of the same cases against each other, case by case: quality, each scorer and cost, with an interval and a p-value. Pure.
import { comparePairs, type PairedComparison } from '../statistics/paired.ts';
import { contentKey } from './run/plan.ts';
import type { RunAnswer, RunResult } from './run/run-result.ts';
import { isFinished } from './run/gateway-call.ts';
import { usdNumber, valuesByCase } from './run/summarise.ts';

export interface RunSide {
  readonly run: RunResult;
  /** Index into its targets. */
  readonly target: number;
}

export interface ComparedMeasure {
  /** `quality`, a scorer's name, `cost_usd` or `latency_ms`. */
  readonly measure: string;
  readonly a: number;
  readonly b: number;
  readonly difference: number;
  /** Of b − a, at 95 %. */
  readonly interval: readonly [number, number];
  readonly p_value: number;
  readonly pairs: number;
}

export interface RunComparison {
  readonly a: string;
  readonly b: string;
  readonly common_cases: number;
  readonly only_a: number;
  readonly only_b: number;
  readonly measures: readonly ComparedMeasure[];
}

/** Cases are the same where their variables are, in order of appearance for those that stand twice. */
function caseKeys(run: RunResult): string[] {
  const seen = new Map<string, number>();
  return run.cases.map(({ variables }) => {
    const key = contentKey(Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1)));
    const standing = seen.get(key) ?? 0;
    seen.set(key, standing + 1);
    return `${key}/${standing}`;
  });
}

export function compareRuns(a: RunSide, b: RunSide): RunComparison {
  const keysA = caseKeys(a.run);
  const keysB = caseKeys(b.run);
  const placeInB = new Map(keysB.map((key, index) => [key, index]));
  const common = keysA.flatMap((key, index) => {
    const other = placeInB.get(key);
    return other === undefined ? [] : [[index, other] as const];
  });
  const scorers = a.run.scorers
    .map(({ scorer }, index) => ({
      scorer,
      index,
      other: b.run.scorers.findIndex((use) => use.scorer === scorer),
    }))
    .filter(({ other }) => other >= 0);
  const measure = (
    name: string,
    valueA: (answer: RunAnswer) => number | null,
    valueB: (answer: RunAnswer) => number | null = valueA,
  ): ComparedMeasure[] => {
    const fromA = valuesByCase(answersOf(a), valueA);
    const fromB = valuesByCase(answersOf(b), valueB);
    const pairs = common.flatMap(([left, right]) => {
      const x = fromA.get(left);
      const y = fromB.get(right);
      return x === undefined || y === undefined ? [] : [[x, y] as const];
    });
    if (pairs.length < 2) return [];
    const x = pairs.map(([value]) => value);
    const y = pairs.map(([, value]) => value);
    return [told(name, x, y, comparePairs(x, y))];
  };
  return {
    a: a.run.targets[a.target]?.name ?? '',
    b: b.run.targets[b.target]?.name ?? '',
    common_cases: common.length,
    only_a: keysA.length - common.length,
    only_b: keysB.length - common.length,
    measures: [
      ...measure('quality', ({ quality }) => quality),
      ...scorers.flatMap(({ scorer, index, other }) =>
        measure(
          scorer,
          ({ scores }) => scores[index]?.score ?? null,
          ({ scores }) => scores[other]?.score ?? null,
        ),
      ),
      ...measure('cost_usd', ({ outcome }) =>
        isFinished(outcome) && outcome.cost_usd !== null ? usdNumber(outcome.cost_usd) : null,
      ),
      ...measure('latency_ms', ({ outcome }) => (isFinished(outcome) ? outcome.latency_ms : null)),
    ],
  };
}

function answersOf({ run, target }: RunSide): RunAnswer[] {
  return run.answers.filter((answer) => answer.target === target);
}

function told(
  measure: string,
  x: readonly number[],
  y: readonly number[],
  { estimate, interval, pValue, n }: PairedComparison,
): ComparedMeasure {
  const average = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    measure,
    a: average(x),
    b: average(y),
    difference: estimate,
    interval: [interval.low, interval.high],
    p_value: pValue,
    pairs: n,
  };
}
