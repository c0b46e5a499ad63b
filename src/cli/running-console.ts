// The console of the installation a command is about: the one named in the environment, or the one that runs on the workspace's data.
import { readInstallation, workspaceFolderOf } from '../app/installation.ts';
import type { CommandLine, GlobalOptions } from './command.ts';
import { consoleClient, locateConsole, type ConsoleClient } from './console-client.ts';

/** Throws a UsageError where there is no workspace or nothing runs on it. */
export async function runningConsole(line: CommandLine, options: GlobalOptions): Promise<ConsoleClient> {
  const elsewhere = (line.environment['BINNACLE_CONSOLE'] ?? '') !== '';
  if (elsewhere && (line.environment['BINNACLE_TOKEN'] ?? '') !== '')
    return consoleClient(locateConsole(() => '', line.environment));
  const folder = await workspaceFolderOf(options.workspace, line.workingDirectory);
  const { dataFolder } = await readInstallation(folder);
  return consoleClient(locateConsole(() => dataFolder, line.environment));
}
