// What a gate found: one entry a changed prompt, and the whole verdict.
import type { LengthControlled } from '../../scoring/judge/length-control.ts';
import type { RunResult, TargetSummary } from '../run/run-result.ts';
import type { GatePolicy, GateVerdict } from './gate-decision.ts';

export interface WorstCase {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly base: { readonly text: string; readonly quality: number | null };
  readonly new: { readonly text: string; readonly quality: number | null };
}

export interface GatedPrompt {
  readonly prompt: string;
  /** `customer-support-v3.2`; null for a prompt that is new. */
  readonly base_id: string | null;
  readonly new_id: string;
  readonly suite: string | null;
  readonly run: string | null;
  readonly verdict: GateVerdict;
  readonly policy: GatePolicy | null;
  readonly base: TargetSummary | null;
  readonly new: TargetSummary | null;
  /** The difference in a judge's scores at equal length; null where no judge with length control graded. */
  readonly at_equal_length: LengthControlled | null;
  readonly worst: readonly WorstCase[];
  readonly cases: number;
  readonly simulated: boolean;
}

export type GateDecision = 'approve' | 'block' | 'inconclusive';

export interface GateResult {
  readonly decision: GateDecision;
  /** Whether a merge may go on: what the exit code says. */
  readonly passes: boolean;
  readonly base: string;
  readonly base_commit: string;
  readonly prompts: readonly GatedPrompt[];
}

/** The whole verdict: one block blocks, one doubt doubts. A doubt passes where its suite's policy allows it. */
export function sumUpGate(prompts: readonly GatedPrompt[], base: string, baseCommit: string): GateResult {
  const decisions = prompts.map(({ verdict }) => verdict.decision);
  const decision = decisions.includes('block')
    ? 'block'
    : decisions.includes('inconclusive')
      ? 'inconclusive'
      : 'approve';
  const passes = prompts.every(
    ({ verdict, policy }) =>
      verdict.decision === 'approve' ||
      (verdict.decision === 'inconclusive' && policy?.inconclusive === 'allow'),
  );
  return { decision, passes, base, base_commit: baseCommit, prompts };
}

const SHOWN = 5;

/** The cases that lost most, worst first. */
export function worstCases(run: RunResult): WorstCase[] {
  const found = run.cases.flatMap(({ name, variables }, index) => {
    const [base, fresh] = [0, 1].map((target) =>
      run.answers.find((answer) => answer.case === index && answer.target === target),
    );
    if (base === undefined || fresh === undefined) return [];
    const loss = (base.quality ?? 0) - (fresh.quality ?? 0);
    if (loss <= 0) return [];
    return [{ loss, name, variables, base: shown(base), new: shown(fresh) }];
  });
  return found
    .sort((a, b) => b.loss - a.loss)
    .slice(0, SHOWN)
    .map(({ name, variables, base, new: fresh }) => ({ name, variables, base, new: fresh }));
}

function shown({ outcome, quality }: RunResult['answers'][number]): WorstCase['base'] {
  const text = outcome.status === 'answered' ? outcome.text : `(${outcome.status}: ${outcome.message})`;
  return { text, quality };
}
