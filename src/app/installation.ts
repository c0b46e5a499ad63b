// Where an installation keeps its data and who listens where, as its workspace says. Read without the rest of the workspace, so that a
// broken prompt does not keep a command from finding the running console.
import { isAbsolute, join, resolve } from 'node:path';
import { findWorkspace } from '../workspace/find-workspace.ts';
import { loadSettings } from '../workspace/load-settings.ts';
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
  const settings = await loadSettings(workspaceFolder);
  const { data_dir } = settings;
  const dataFolder = isAbsolute(data_dir) ? data_dir : join(workspaceFolder, data_dir);
  return { workspaceFolder, dataFolder, settings };
}
