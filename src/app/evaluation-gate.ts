// The gate: every prompt changed since a commit, its suite on the version before and the one now, each through the stages of live
// traffic, and a verdict on each.
import type { PromptVersion } from '../contract/snapshot.ts';
import { compareVersions } from '../contract/prompt-id.ts';
import { decideRun } from '../evaluation/gate/gate-cases.ts';
import type { GatePolicy, GateVerdict } from '../evaluation/gate/gate-decision.ts';
import { worstCases, type GatedPrompt } from '../evaluation/gate/gate-result.ts';
import type { RunResult } from '../evaluation/run/run-result.ts';
import { isFinished } from '../evaluation/run/gateway-call.ts';
import { controlLength, type LengthControlled } from '../scoring/judge/length-control.ts';
import type { OpenedWorkspace } from '../workspace/open-workspace.ts';
import { toPromptVersion } from '../workspace/version-content.ts';
import { executeRun, type RunRequest } from './evaluation-run.ts';
import { findSuite, readSuite, type SuiteSource } from './evaluation-suite.ts';

const JUDGE = 'judge:';

export interface ChangedPrompt {
  readonly base: PromptVersion | null;
  readonly new: PromptVersion;
}

/** The prompts of the working files whose serving content nothing at the base has; each with the newest version there of its name. */
export function changedPrompts(
  { workspace, history }: Pick<OpenedWorkspace, 'workspace' | 'history'>,
  atBase: readonly PromptVersion[],
): ChangedPrompt[] {
  return workspace.prompts.flatMap((item) => {
    const commit = history?.versions.get(item.value.prompt_id)?.origin.commit ?? null;
    const policyText = (name: string): string | undefined => workspace.policies.get(name)?.value.text;
    const now = toPromptVersion(item, { commit, policyText });
    const before = atBase.filter(({ name }) => name === now.name);
    if (before.some(({ digest }) => digest === now.digest)) return [];
    const [newest] = before.sort((a, b) => compareVersions(b.version, a.version));
    return [{ base: newest ?? null, new: now }];
  });
}

export interface GateRequest extends Omit<
  RunRequest,
  'suite' | 'versions' | 'repeats' | 'resume' | 'comparesTargets' | 'maxCostUsd'
> {
  readonly opened: OpenedWorkspace;
  readonly recorded: SuiteSource['recorded'];
  /** Instead of the prompts' own suites. */
  readonly suiteName: string | undefined;
  readonly limit: number | undefined;
  /** Instead of the suites' own ceilings. */
  readonly maxCostUsd: string | null;
}

/** Gates one changed prompt. */
export async function gatePrompt(change: ChangedPrompt, request: GateRequest): Promise<GatedPrompt> {
  const { workspace } = request.opened;
  const name = request.suiteName ?? suiteOf(change.new, request.opened);
  if (name === undefined) return ungated(change, `no suite is named for the prompt "${change.new.name}"`);
  const file = findSuite(workspace, name);
  const suite = await readSuite({ ...request, name, file });
  const versions = [
    ...(change.base === null ? [] : [{ version: change.base, label: 'baseline' }]),
    { version: change.new, label: 'staging' },
  ];
  const run = await executeRun({
    ...request,
    suite,
    versions,
    repeats: file.repeat,
    maxCostUsd: request.maxCostUsd ?? file.max_cost_usd ?? null,
    resume: false,
    comparesTargets: change.base !== null,
  });
  return gated(change, run, name, file.gate, request.judges);
}

/** The suite the version names, else one that names the prompt. */
function suiteOf(version: PromptVersion, { workspace }: OpenedWorkspace): string | undefined {
  if (version.suite !== null) return version.suite;
  return [...workspace.suites].find(([, item]) => item.value.prompt === version.name)?.[0];
}

function ungated(change: ChangedPrompt, reason: string): GatedPrompt {
  return {
    prompt: change.new.name,
    base_id: change.base?.promptId ?? null,
    new_id: change.new.promptId,
    suite: null,
    run: null,
    verdict: { decision: 'inconclusive', reasons: [reason], quality: null, cost: null, moreCases: null },
    policy: null,
    base: null,
    new: null,
    at_equal_length: null,
    worst: [],
    cases: 0,
    simulated: false,
  };
}

function gated(
  change: ChangedPrompt,
  run: RunResult,
  suite: string,
  policy: GatePolicy,
  judges: GateRequest['judges'],
): GatedPrompt {
  const isPaired = change.base !== null;
  const fresh = run.summaries[isPaired ? 1 : 0] ?? null;
  return {
    prompt: change.new.name,
    base_id: change.base?.promptId ?? null,
    new_id: change.new.promptId,
    suite,
    run: run.run,
    verdict: isPaired ? decideRun(run, policy) : firstVerdict(run),
    policy,
    base: isPaired ? (run.summaries[0] ?? null) : null,
    new: fresh,
    at_equal_length: isPaired ? equalLength(run, judges) : null,
    worst: isPaired ? worstCases(run) : [],
    cases: run.cases.length,
    simulated: run.summaries.some(({ simulated }) => simulated),
  };
}

/** A prompt with nothing before it is held against its suite's threshold and its safety scorers alone. */
function firstVerdict(run: RunResult): GateVerdict {
  const [summary] = run.summaries;
  const none = { quality: null, cost: null, moreCases: null };
  if (summary === undefined || summary.quality === null)
    return { decision: 'inconclusive', reasons: ['no case was scored'], ...none };
  const harms: string[] = [];
  if (summary.unsafe > 0) harms.push(`a safety scorer fails on ${summary.unsafe} answers`);
  if (run.pass_threshold !== null && summary.quality.mean < run.pass_threshold)
    harms.push(`quality ${summary.quality.mean.toFixed(3)} is under the suite's ${run.pass_threshold}`);
  if (harms.length > 0) return { decision: 'block', reasons: harms, ...none };
  return {
    decision: 'approve',
    reasons: ['the prompt is new: there is no version to compare with'],
    ...none,
  };
}

/** The difference in the scores of judges with length control, at equal length. */
function equalLength(run: RunResult, known: GateRequest['judges']): LengthControlled | null {
  const isControlled = (scorer: string): boolean =>
    scorer.startsWith(JUDGE) && known.get(scorer.slice(JUDGE.length))?.length_control === true;
  const judges = run.scorers.flatMap(({ scorer }, index) => (isControlled(scorer) ? [index] : []));
  if (judges.length === 0) return null;
  const pairs = run.cases.flatMap((_, index) => {
    const [base, fresh] = [0, 1].map((target) =>
      run.answers.find((answer) => answer.case === index && answer.target === target && answer.repeat === 0),
    );
    if (base === undefined || fresh === undefined) return [];
    const before = base.outcome;
    const after = fresh.outcome;
    if (!isFinished(before) || !isFinished(after)) return [];
    if (before.status !== 'answered' || after.status !== 'answered') return [];
    return judges.flatMap((judge) => {
      const old = base.scores[judge]?.score ?? null;
      const now = fresh.scores[judge]?.score ?? null;
      if (old === null || now === null) return [];
      return [
        { difference: now - old, baseCharacters: before.text.length, newCharacters: after.text.length },
      ];
    });
  });
  return controlLength(pairs);
}
