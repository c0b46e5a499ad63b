// The workspace as evaluation commands need it: servable, with its data folder and its judges.
import { isAbsolute, join } from 'node:path';
import type { Command } from 'commander';
import type { Snapshot } from '../../contract/snapshot.ts';
import { UsageError } from '../../kernel/errors.ts';
import { jsonLogger, type Logger } from '../../kernel/logger.ts';
import type { OpenedWorkspace } from '../../workspace/open-workspace.ts';
import { blocksServing, formatProblem } from '../../workspace/problem.ts';
import type { JudgeFile } from '../../workspace/schemas/judge.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { commandWorkspace } from '../opened-workspace.ts';

export interface EvaluationWorkspace {
  readonly opened: OpenedWorkspace;
  readonly snapshot: Snapshot;
  readonly judges: ReadonlyMap<string, JudgeFile>;
  readonly workspaceFolder: string;
  readonly dataFolder: string;
  readonly isJson: boolean;
  readonly logger: Logger;
}

/** Throws a UsageError naming the first problem that keeps the workspace from being served. */
export async function evaluationWorkspace(command: Command, line: CommandLine): Promise<EvaluationWorkspace> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const { opened } = await commandWorkspace(options, line);
  const { snapshot, directory, workspace } = opened;
  if (snapshot === undefined) {
    const problem = opened.problems.find(blocksServing);
    const what = problem === undefined ? 'it can not be served' : formatProblem(problem);
    throw new UsageError(`${what}\nRun "binnacle check" for all of it.`);
  }
  const { data_dir } = workspace.settings.value;
  return {
    opened,
    snapshot,
    judges: new Map([...workspace.judges].map(([name, item]) => [name, item.value])),
    workspaceFolder: directory,
    dataFolder: isAbsolute(data_dir) ? data_dir : join(directory, data_dir),
    isJson: options.json === true,
    logger: jsonLogger('evaluation', line.err, 'warn'),
  };
}

/** Aborts on the first Ctrl-C, so that what was paid for is kept; a second one ends the process. */
export function untilInterrupted(line: CommandLine): {
  readonly signal: AbortSignal;
  readonly done: () => void;
} {
  const controller = new AbortController();
  const stop = (): void => {
    line.err('Stopping: what was answered is kept. Go on later with --resume.\n');
    controller.abort();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return {
    signal: controller.signal,
    done: () => {
      process.removeListener('SIGINT', stop);
      process.removeListener('SIGTERM', stop);
    },
  };
}
