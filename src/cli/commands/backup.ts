// `binnacle backup DIR`: state, ledger and spools of one moment in a folder; through the console where it runs.
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { takeOfflineBackup } from '../../app/backup.ts';
import { readInstallation, workspaceFolderOf } from '../../app/installation.ts';
import { programVersion } from '../../app/program-version.ts';
import { backupAnswerSchema } from '../../console/routes/backup.ts';
import { systemClock } from '../../kernel/clock.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { consoleClient, locateConsole, runningAddresses } from '../console-client.ts';

interface BackupOptions extends GlobalOptions {
  readonly secrets?: boolean;
}

async function take(directory: string, options: BackupOptions, line: CommandLine) {
  const secrets = options.secrets === true;
  const folder = await workspaceFolderOf(options.workspace, line.workingDirectory);
  const { dataFolder } = await readInstallation(folder);
  const elsewhere = (line.environment['BINNACLE_CONSOLE'] ?? '') !== '';
  if (!elsewhere && runningAddresses(dataFolder) === null)
    return takeOfflineBackup({
      dataFolder,
      target: directory,
      secrets,
      version: programVersion(),
      clock: systemClock,
    });
  const client = consoleClient(locateConsole(() => dataFolder, line.environment));
  const content = JSON.stringify({ directory, secrets });
  return client.send('POST', '/api/backup', { type: 'application/json', content }, backupAnswerSchema);
}

export function register(command: Command, line: CommandLine): void {
  command
    .argument('<dir>', 'new or empty folder')
    .option('--secrets', 'also the secret that key hashes are made under, the audit key and the tokens')
    .action(async (dir: string, options: BackupOptions) => {
      const directory = resolve(line.workingDirectory, dir);
      const { taken_at, secrets, tables } = await take(directory, options, line);
      if (options.json === true)
        return line.out(`${JSON.stringify({ directory, taken_at, secrets, tables })}\n`);
      const rows = tables.find(({ table }) => table === 'interactions')?.rows ?? 0;
      const left = secrets ? '' : ' Secrets are not in it: without --secrets issued keys can not be checked.';
      line.out(`Backed up ${rows} interactions and the state into ${directory}.${left}\n`);
    });
}
