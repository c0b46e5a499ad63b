// What a gate measured, as Git notes on the commits of both versions, so that `prompt log` and `git log --notes` show it.
import type { ChangedPrompt } from '../../app/evaluation-gate.ts';
import { costReportSchema } from '../../contract/api.ts';
import type { VersionNote } from '../../contract/version-note.ts';
import type { GatedPrompt } from '../../evaluation/gate/gate-result.ts';
import type { TargetSummary } from '../../evaluation/run/run-result.ts';
import { systemClock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import { formatUsd, parseUsd } from '../../kernel/money.ts';
import type { Repository } from '../../workspace/git/repository.ts';
import { commitOfWorkingFile } from '../../workspace/git/working-version.ts';
import { writeVersionNote } from '../../workspace/git/write-version-note.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { runningConsole } from '../running-console.ts';
import type { EvaluationWorkspace } from './evaluation-workspace.ts';

export interface NotedGate {
  readonly gated: GatedPrompt;
  readonly change: ChangedPrompt;
  readonly repository: Repository;
  readonly workspace: Pick<EvaluationWorkspace, 'workspaceFolder' | 'opened'>;
  readonly options: GlobalOptions & { readonly monthlyRequests?: number };
  readonly line: CommandLine;
}

/** Writes the notes. Answers what kept it from doing so, as one line; null when all is well. */
export async function noteGate(noted: NotedGate): Promise<string | null> {
  const { gated, change, repository, workspace } = noted;
  if (gated.new === null) return null;
  try {
    const commit = change.new.commit ?? (await committedAt(noted));
    if (commit === null)
      return `${change.new.promptId} is not committed, so what was measured is not noted on a commit.`;
    const requests = await monthlyRequests(noted);
    const note = noteOf(gated, gated.new, gated.new_id);
    const change_usd = monthlyChange(gated, requests);
    await writeVersionNote(workspace.workspaceFolder, repository, commit, {
      ...note,
      ...(change_usd === null ? {} : { monthly_cost_change_usd: change_usd }),
    });
    const baseCommit = originOf(noted, gated.base_id);
    if (
      gated.base !== null &&
      gated.base_id !== null &&
      baseCommit !== undefined &&
      !(await hasNote(noted, baseCommit))
    )
      await writeVersionNote(
        workspace.workspaceFolder,
        repository,
        baseCommit,
        noteOf(gated, gated.base, gated.base_id),
      );
    return null;
  } catch (error) {
    return `Git notes were not written: ${messageOf(error)}`;
  }
}

function originOf({ workspace }: NotedGate, promptId: string | null): string | undefined {
  return promptId === null ? undefined : workspace.opened.history?.versions.get(promptId)?.origin.commit;
}

async function hasNote({ repository }: NotedGate, commit: string): Promise<boolean> {
  try {
    await repository.git.raw(['notes', '--ref=refs/notes/binnacle', 'list', commit]);
    return true;
  } catch {
    return false;
  }
}

/** On a branch: the commit that last touched the prompt, if the working files are as committed. */
async function committedAt({ change, repository, workspace }: NotedGate): Promise<string | null> {
  const item = workspace.opened.workspace.prompts.find(
    ({ value }) => value.prompt_id === change.new.promptId,
  );
  if (item === undefined) return null;
  return commitOfWorkingFile(repository, item.yaml.file);
}

function noteOf(gated: GatedPrompt, summary: TargetSummary, promptId: string): VersionNote {
  const { quality, cost_per_request_usd: cost } = summary;
  return {
    prompt_id: promptId,
    ...(quality === null
      ? {}
      : {
          quality: {
            score: quality.mean,
            interval: [...quality.interval],
            cases: quality.n,
            suite: gated.suite ?? '',
          },
        }),
    ...(cost === null ? {} : { cost_per_request_usd: cost }),
    measured_at: new Date(systemClock.now()).toISOString(),
    simulated: gated.simulated,
  };
}

function monthlyChange({ base, new: fresh }: GatedPrompt, requests: number | null): string | null {
  const before = base?.cost_per_request_usd ?? null;
  const after = fresh?.cost_per_request_usd ?? null;
  if (before === null || after === null || requests === null) return null;
  return formatUsd(toCents((parseUsd(after) - parseUsd(before)) * BigInt(requests)));
}

/** An estimate of a month is told to the cent. */
function toCents(amount: bigint): bigint {
  const cent = parseUsd('0.01');
  const half = amount < 0n ? -cent / 2n : cent / 2n;
  return ((amount + half) / cent) * cent;
}

/** Requests of the prompt in the last 30 days, from the running installation; null where none runs and none was given. */
async function monthlyRequests({ options, line, gated }: NotedGate): Promise<number | null> {
  if (options.monthlyRequests !== undefined) return options.monthlyRequests;
  try {
    const client = await runningConsole(line, options);
    const report = await client.get('/api/cost/report?by=prompt&limit=1000', costReportSchema);
    return report.lines.find(({ group }) => group === gated.prompt)?.requests ?? 0;
  } catch {
    return null; // nothing runs here
  }
}
