// `binnacle migrate`: brings state and ledger to this version and says what it did.
import type { Command } from 'commander';
import { readInstallation, workspaceFolderOf } from '../../app/installation.ts';
import { migrateStores, type Migrated } from '../../app/migrate.ts';
import { systemClock } from '../../kernel/clock.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { runningAddresses } from '../console-client.ts';

const NOTHING: Migrated = { state: [], ledger: [] };

async function runs(dataFolder: string): Promise<boolean> {
  const addresses = runningAddresses(dataFolder);
  if (addresses === null) return false;
  const answer = await fetch(`${addresses.url}/healthz`, { signal: AbortSignal.timeout(3_000) }).catch(
    () => null,
  );
  await answer?.body?.cancel();
  return answer?.ok === true;
}

function told(store: string, names: readonly string[]): string {
  return names.length === 0
    ? `${store}: up to date\n`
    : `${store}: ${names.length} step(s) taken: ${names.join(', ')}\n`;
}

export function register(command: Command, line: CommandLine): void {
  command.action(async (options: GlobalOptions) => {
    const folder = await workspaceFolderOf(options.workspace, line.workingDirectory);
    const { dataFolder } = await readInstallation(folder);
    const running = await runs(dataFolder);
    const done = running ? NOTHING : await migrateStores(dataFolder, systemClock);
    if (options.json === true) return line.out(`${JSON.stringify({ running, ...done })}\n`);
    if (running)
      line.out('The installation runs, so its stores are up to date: it migrates them when it starts.\n');
    line.out(told('state', done.state) + told('ledger', done.ledger));
  });
}
