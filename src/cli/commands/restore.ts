// `binnacle restore DIR`: a backup into the data folder of a workspace that has none yet, verified.
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { restoreBackup } from '../../app/backup.ts';
import { readInstallation, workspaceFolderOf } from '../../app/installation.ts';
import { requireDataFolder } from '../../app/preflight.ts';
import { systemClock } from '../../kernel/clock.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';

export function register(command: Command, line: CommandLine): void {
  command
    .argument('<dir>', 'folder that "binnacle backup" filled')
    .action(async (dir: string, options: GlobalOptions) => {
      const folder = await workspaceFolderOf(options.workspace, line.workingDirectory);
      const { dataFolder } = await readInstallation(folder);
      await requireDataFolder(dataFolder);
      const source = resolve(line.workingDirectory, dir);
      const { manifest, audit_entries } = await restoreBackup({ source, dataFolder, clock: systemClock });
      const { taken_at, tables, secrets } = manifest;
      if (options.json === true)
        return line.out(
          `${JSON.stringify({ data: dataFolder, taken_at, secrets, tables, audit_entries })}\n`,
        );
      const rows = tables.find(({ table }) => table === 'interactions')?.rows ?? 0;
      line.out(
        `Restored the backup of ${taken_at} into ${dataFolder}: ${rows} interactions with the sums they had, and an audit chain of ${audit_entries} entries that is whole. Start it with "binnacle up".\n`,
      );
    });
}
