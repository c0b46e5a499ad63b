// Where an installation keeps its data and who listens where, as its workspace says. Read without the rest of the workspace, so that a
// broken prompt does not keep a command from finding the running console.
import { isAbsolute, join, resolve } from 'node:path';
import { UsageError } from '../kernel/errors.ts';
import { findWorkspace } from '../workspace/open-workspace.ts';
import { loadWorkspace } from '../workspace/load-workspace.ts';
import { formatProblem } from '../workspace/problem.ts';
import { readWorkspaceFiles } from '../workspace/read-files.ts';
import type { BinnacleFile } from '../workspace/schemas/binnacle.ts';

export interface Installation {
  readonly workspaceFolder: string;
  readonly dataFolder: string;
  readonly settings: BinnacleFile;
}

/** The workspace named, or the nearest one at or above the working directory. Throws a UsageError where there is none. */
export async function workspaceFolderOf(
  named: string | undefined,
  workingDirectory: string,
): Promise<string> {
  return named === undefined ? findWorkspace(workingDirectory) : resolve(workingDirectory, named);
}

/** Throws a UsageError when binnacle.yaml is missing or wrong. */
export async function readInstallation(workspaceFolder: string): Promise<Installation> {
  const files = await readWorkspaceFiles(workspaceFolder);
  const { workspace, problems } = loadWorkspace(files);
  const wrong = problems.find(({ file, severity }) => file === 'binnacle.yaml' && severity === 'error');
  if (wrong !== undefined) throw new UsageError(formatProblem(wrong));
  const settings = workspace.settings.value;
  const { data_dir } = settings;
  const dataFolder = isAbsolute(data_dir) ? data_dir : join(workspaceFolder, data_dir);
  return { workspaceFolder, dataFolder, settings };
}
