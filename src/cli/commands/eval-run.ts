// `binnacle eval run SUITE`: a suite against prompt versions and models, through the gateway's own stages.
import type { Command } from 'commander';
import { executeRun } from '../../app/evaluation-run.ts';
import { findSuite, readSuite } from '../../app/evaluation-suite.ts';
import { findVersion, readPromptName, type EvaluatedVersion } from '../../app/evaluation-targets.ts';
import type { RunResult } from '../../evaluation/run/run-result.ts';
import { UsageError } from '../../kernel/errors.ts';
import type { SuiteFile } from '../../workspace/schemas/suite.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import {
  evaluationWorkspace,
  untilInterrupted,
  type EvaluationWorkspace,
} from '../evaluation/evaluation-workspace.ts';
import { atLeastZero, positive, usdAmount } from '../evaluation/option-values.ts';
import { showProgress } from '../evaluation/progress.ts';
import { recordedCases } from '../evaluation/recorded-cases.ts';
import { runReport } from '../evaluation/run-report.ts';

interface RunOptions {
  readonly prompt?: string[];
  readonly model?: string[];
  readonly limit?: number;
  readonly repeat?: number;
  readonly concurrency: number;
  readonly retries: number;
  readonly maxCost?: string;
  readonly resume?: boolean;
  readonly reuse: boolean;
}

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

export function registerEvalRun(parent: Command, line: CommandLine): void {
  parent
    .command('run')
    .argument('<suite>', 'a file of suites/, without .yaml')
    .description('answer the cases of a suite, score them, and tell quality, cost and latency with intervals')
    .option('--prompt <name@version>', "instead of the suite's; version or label; may be repeated", collect)
    .option('--model <name>', "instead of the version's own; may be repeated", collect)
    .option('--limit <n>', 'most cases', positive)
    .option('--repeat <n>', 'answers for each case', positive)
    .option('--concurrency <n>', 'calls at a time', positive, 8)
    .option('--retries <n>', 'further tries of a failure that may pass', atLeastZero, 2)
    .option('--max-cost <usd>', 'stop before more than this is spent', usdAmount)
    .option('--resume', 'go on with the last run of the same cases: nothing paid for is paid for again')
    .option('--no-reuse', 'answers of earlier runs do not stand for new ones')
    .exitOverride()
    .action(async (name: string, options: RunOptions, command: Command) => {
      const workspace = await evaluationWorkspace(command, line);
      const result = await runNamed(name, options, workspace, line, command.optsWithGlobals<GlobalOptions>());
      line.out(workspace.isJson ? `${JSON.stringify(result)}\n` : runReport(result));
      if (!isGood(result)) line.exit(1);
    });
}

async function runNamed(
  name: string,
  options: RunOptions,
  workspace: EvaluationWorkspace,
  line: CommandLine,
  globals: GlobalOptions,
): Promise<RunResult> {
  const file = findSuite(workspace.opened.workspace, name);
  const recorded = recordedCases(globals, line);
  const suite = await readSuite({
    name,
    file,
    workspaceFolder: workspace.workspaceFolder,
    recorded,
    limit: options.limit,
  });
  const interrupted = untilInterrupted(line);
  const progress = showProgress(`suite ${name}`, line);
  try {
    return await executeRun({
      ...workspace,
      environment: line.environment,
      suite,
      versions: versionsAsked(file, name, options, workspace),
      repeats: options.repeat ?? file.repeat,
      concurrency: options.concurrency,
      retries: options.retries,
      maxCostUsd: options.maxCost ?? file.max_cost_usd ?? null,
      resume: options.resume === true,
      reuse: options.reuse,
      comparesTargets: false,
      signal: interrupted.signal,
      onProgress: progress.update,
    });
  } finally {
    progress.end();
    interrupted.done();
  }
}

/** Every prompt version on every model asked for. */
export function versionsAsked(
  file: SuiteFile,
  suite: string,
  options: Pick<RunOptions, 'prompt' | 'model'>,
  { snapshot }: Pick<EvaluationWorkspace, 'snapshot'>,
): EvaluatedVersion[] {
  const written = options.prompt ?? (file.prompt === undefined ? [] : [named(file.prompt, file.version)]);
  if (written.length === 0)
    throw new UsageError(
      `The suite "${suite}" names no prompt: give one with --prompt NAME@VERSION.`,
      'prompt',
    );
  const versions = written.map((one) => {
    const { name, version } = readPromptName(one);
    return findVersion(snapshot, name, version ?? (name === file.prompt ? file.version : undefined));
  });
  const models = options.model ?? file.models ?? [undefined];
  const pairs = versions.flatMap((version) => models.map((model) => ({ version, model })));
  return pairs.map(({ version, model }, index) => ({
    version,
    ...(model === undefined ? {} : { model }),
    label: index === 0 ? 'staging' : `staging-${index + 1}`,
  }));
}

function named(prompt: string, version: string | undefined): string {
  return version === undefined ? prompt : `${prompt}@${version}`;
}

/** Whether everything asked was answered and the suite's threshold was reached. */
function isGood(result: RunResult): boolean {
  if (result.status !== 'complete') return false;
  return result.summaries.every(({ answered, quality, unsafe }) => {
    if (answered === 0 || unsafe > 0) return false;
    return result.pass_threshold === null || (quality !== null && quality.mean >= result.pass_threshold);
  });
}
