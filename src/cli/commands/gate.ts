// `binnacle gate --base REF`: may this change of prompts go on? 0 yes, 1 no (or not shown, unless the policy lets that pass).
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { changedPrompts, gatePrompt, type ChangedPrompt } from '../../app/evaluation-gate.ts';
import { sumUpGate, type GatedPrompt, type GateResult } from '../../evaluation/gate/gate-result.ts';
import { gateJunit } from '../../evaluation/gate/junit-report.ts';
import { gateMarkdown } from '../../evaluation/gate/markdown-report.ts';
import { UsageError } from '../../kernel/errors.ts';
import { commitOf, promptsAt } from '../../workspace/git/prompts-at.ts';
import type { Repository } from '../../workspace/git/repository.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import {
  evaluationWorkspace,
  untilInterrupted,
  type EvaluationWorkspace,
} from '../evaluation/evaluation-workspace.ts';
import { gateSummary } from '../evaluation/gate-summary.ts';
import { positive, usdAmount, atLeastZero } from '../evaluation/option-values.ts';
import { showProgress } from '../evaluation/progress.ts';
import { recordedCases } from '../evaluation/recorded-cases.ts';
import { noteGate } from '../evaluation/version-notes.ts';

interface GateOptions extends GlobalOptions {
  readonly base: string;
  readonly suite?: string;
  readonly report?: string;
  readonly junit?: string;
  readonly limit?: number;
  readonly concurrency: number;
  readonly retries: number;
  readonly maxCost?: string;
  readonly monthlyRequests?: number;
  readonly notes: boolean;
  readonly reuse: boolean;
}

export function register(command: Command, line: CommandLine): void {
  command
    .requiredOption('--base <ref>', 'what the change is measured against: a branch, tag or commit')
    .option('--suite <name>', "instead of the prompts' own suites")
    .option('--report <file.md>', 'write the report as Markdown')
    .option('--junit <file.xml>', 'write the verdicts as JUnit XML')
    .option('--limit <n>', 'most cases', positive)
    .option('--concurrency <n>', 'calls at a time', positive, 8)
    .option('--retries <n>', 'further tries of a failure that may pass', atLeastZero, 2)
    .option('--max-cost <usd>', 'stop before more than this is spent on a prompt', usdAmount)
    .option(
      '--monthly-requests <n>',
      "a month's requests of a prompt, where no installation can tell",
      positive,
    )
    .option('--no-notes', 'do not write what was measured as Git notes')
    .option('--no-reuse', 'answers of earlier runs do not stand for new ones')
    .action(async (options: GateOptions) => {
      const workspace = await evaluationWorkspace(command, line);
      const result = await runGate(options, workspace, line);
      if (options.report !== undefined)
        await writeFile(resolve(line.workingDirectory, options.report), gateMarkdown(result));
      if (options.junit !== undefined)
        await writeFile(resolve(line.workingDirectory, options.junit), gateJunit(result));
      line.out(workspace.isJson ? `${JSON.stringify(result)}\n` : gateSummary(result));
      if (!result.passes) line.exit(1);
    });
}

async function runGate(
  options: GateOptions,
  workspace: EvaluationWorkspace,
  line: CommandLine,
): Promise<GateResult> {
  const { opened, workspaceFolder } = workspace;
  const { repository } = opened;
  if (repository === undefined)
    throw new UsageError('The gate compares commits, and the workspace is in no Git repository.', 'base');
  const commit = await commitOf(repository, options.base);
  const changes = changedPrompts(opened, await promptsAt(workspaceFolder, repository, commit));
  const prompts: GatedPrompt[] = [];
  for (const change of changes) prompts.push(await gateOne(change, options, workspace, line));
  if (options.notes) await writeNotes(prompts, changes, repository, options, workspace, line);
  return sumUpGate(prompts, options.base, commit);
}

async function gateOne(
  change: ChangedPrompt,
  options: GateOptions,
  workspace: EvaluationWorkspace,
  line: CommandLine,
): Promise<GatedPrompt> {
  const interrupted = untilInterrupted(line);
  const progress = showProgress(`gate ${change.new.promptId}`, line);
  try {
    return await gatePrompt(change, {
      ...workspace,
      environment: line.environment,
      recorded: recordedCases(options, line),
      suiteName: options.suite,
      limit: options.limit,
      concurrency: options.concurrency,
      retries: options.retries,
      maxCostUsd: options.maxCost ?? null,
      reuse: options.reuse,
      signal: interrupted.signal,
      onProgress: progress.update,
    });
  } finally {
    progress.end();
    interrupted.done();
  }
}

async function writeNotes(
  prompts: readonly GatedPrompt[],
  changes: readonly ChangedPrompt[],
  repository: Repository,
  options: GateOptions,
  workspace: EvaluationWorkspace,
  line: CommandLine,
): Promise<void> {
  for (const [index, gated] of prompts.entries()) {
    const change = changes[index];
    if (change === undefined) continue;
    const told = await noteGate({ gated, change, repository, workspace, options, line });
    if (told !== null) line.err(`${told}\n`);
  }
}
