// `binnacle prompt list`: every prompt with its versions and labels.
import type { Command } from 'commander';
import type { CommandLine } from '../command.ts';
import { promptWorkspace, versionsOf } from '../opened-workspace.ts';
import { formatTable } from '../table.ts';
import type { TableColumn } from '../table.ts';

const COLUMNS: readonly TableColumn[] = [
  { title: 'PROMPT', align: 'left' },
  { title: 'NEWEST', align: 'left' },
  { title: 'VERSIONS', align: 'right' },
  { title: 'LABELS', align: 'left' },
  { title: 'MODEL', align: 'left' },
];

export function registerList(parent: Command, line: CommandLine): void {
  parent
    .command('list')
    .description('every prompt with its newest version and its labels')
    .exitOverride()
    .action(async (_options: unknown, command: Command) => {
      const workspace = await promptWorkspace(command, line);
      const prompts = Object.entries(workspace.prompts)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, prompt]) => {
          const versions = versionsOf(prompt);
          const newest = prompt.versions[versions[0] ?? ''];
          return {
            name,
            newest: newest?.version ?? '',
            model: newest?.model ?? '',
            labels: prompt.labels,
            versions,
          };
        });
      if (workspace.isJson) return line.out(`${JSON.stringify(prompts)}\n`);
      const rows = prompts.map((prompt) => [
        prompt.name,
        prompt.newest,
        String(prompt.versions.length),
        Object.entries(prompt.labels)
          .map(([label, version]) => `${label}=${version}`)
          .join(' '),
        prompt.model,
      ]);
      line.out(formatTable(COLUMNS, rows));
    });
}
