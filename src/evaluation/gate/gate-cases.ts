// From a run of two versions to the pairs the gate decides on, and whether the new version answers less often than the old. Pure.
import { mcnemar } from '../../statistics/paired.ts';
import { isFinished } from '../run/gateway-call.ts';
import type { RunAnswer, RunResult } from '../run/run-result.ts';
import { usdNumber, valuesByCase } from '../run/summarise.ts';
import { decideGate, type GateCase, type GatePolicy, type GateVerdict } from './gate-decision.ts';

/** Where the base and the new version stand among a run's targets. */
export const BASE = 0;
export const NEW = 1;

function side(answers: readonly RunAnswer[], target: number) {
  const own = answers.filter((answer) => answer.target === target);
  return {
    scores: valuesByCase(own, ({ quality }) => quality),
    costs: valuesByCase(own, ({ outcome }) =>
      isFinished(outcome) && outcome.cost_usd !== null ? usdNumber(outcome.cost_usd) : null,
    ),
    unsafe: new Set(own.filter(({ unsafe }) => unsafe).map((answer) => answer.case)),
    /** Cases without an answer to score: failed or blocked, not those never asked. */
    unanswered: new Set(
      own
        .filter(({ outcome }) => outcome.status === 'failed' || outcome.status === 'blocked')
        .map((answer) => answer.case),
    ),
  };
}

/** One entry a case, repeats averaged. */
export function gateCases(run: RunResult): GateCase[] {
  const base = side(run.answers, BASE);
  const fresh = side(run.answers, NEW);
  return run.cases.map((_, index) => ({
    baseScore: base.scores.get(index) ?? null,
    newScore: fresh.scores.get(index) ?? null,
    baseCost: base.costs.get(index) ?? null,
    newCost: fresh.costs.get(index) ?? null,
    baseUnsafe: base.unsafe.has(index),
    newUnsafe: fresh.unsafe.has(index),
  }));
}

/**
 * Whether the new version leaves more cases without an answer than noise explains: McNemar's test on the cases that only one of them
 * answers. A version that is refused by guardrails or by its model has no scores there, and must not be approved on the rest.
 */
function answeringHarm(run: RunResult, alpha: number): string[] {
  const base = side(run.answers, BASE).unanswered;
  const fresh = side(run.answers, NEW).unanswered;
  const onlyBase = [...base].filter((index) => !fresh.has(index)).length;
  const onlyNew = [...fresh].filter((index) => !base.has(index)).length;
  if (onlyNew <= onlyBase || mcnemar(onlyBase, onlyNew) >= alpha) return [];
  return [
    `${fresh.size} of ${run.cases.length} cases get no answer (before: ${base.size}): failed or blocked`,
  ];
}

/** The verdict on a run of base and new version. */
export function decideRun(run: RunResult, policy: GatePolicy): GateVerdict {
  const verdict = decideGate(gateCases(run), policy);
  const harms = answeringHarm(run, policy.alpha);
  if (harms.length === 0) return verdict;
  const reasons = verdict.decision === 'block' ? [...harms, ...verdict.reasons] : harms;
  return { ...verdict, decision: 'block', reasons, moreCases: null };
}
