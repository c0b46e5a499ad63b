// The ledger's tables into a folder and back, by the store's own backup. It may touch one folder alone, below its own; files are moved
// from and to there.
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BACKUP_FOLDER } from '../ledger/engine-configuration.ts';
import type { LedgerClient } from '../ledger/ledger.ts';

/** What a table holds, to be compared after a restore: rows, and the exact sum of money where it has any. */
export interface TableSum {
  readonly table: string;
  readonly rows: number;
  /** US$ as an exact decimal string; null for a table without money. */
  readonly cost_usd: string | null;
}

/** Rows and money of every table of facts, by table name. */
export async function ledgerSums(ledger: Pick<LedgerClient, 'query'>): Promise<TableSum[]> {
  const tables = await ledger.query<{ name: string; money: number }>(
    `SELECT table AS name, max(name = 'cost_usd') AS money FROM system.columns
     WHERE database = 'ledger' AND table != 'migrations' GROUP BY table ORDER BY table`,
  );
  const sums: TableSum[] = [];
  for (const { name, money } of tables) {
    const cost = money === 1 ? 'toString(sum(cost_usd))' : 'NULL';
    const [row] = await ledger.query<{ rows: number; cost: string | null }>(
      `SELECT count() AS rows, ${cost} AS cost FROM ledger.${name}`,
    );
    sums.push({ table: name, rows: row?.rows ?? 0, cost_usd: row?.cost ?? null });
  }
  return sums;
}

async function moveFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await cp(from, to, { recursive: true });
    await rm(from, { recursive: true, force: true });
  }
}

/** Writes all tables into the new folder `target`. Nothing may be inserted meanwhile if other things must agree with it. */
export async function backUpLedger(
  ledger: Pick<LedgerClient, 'command'>,
  ledgerFolder: string,
  target: string,
): Promise<void> {
  const passage = join(ledgerFolder, BACKUP_FOLDER, 'out');
  await rm(passage, { recursive: true, force: true });
  await ledger.command(`BACKUP DATABASE ledger TO File('${quoted(passage)}')`);
  await moveFolder(passage, target);
}

/** Puts the tables that `backUpLedger` wrote in place of the ledger's own, whatever those hold. */
export async function restoreLedger(
  ledger: Pick<LedgerClient, 'command'>,
  ledgerFolder: string,
  source: string,
): Promise<void> {
  const passage = join(ledgerFolder, BACKUP_FOLDER, 'in');
  await rm(passage, { recursive: true, force: true });
  await cp(source, passage, { recursive: true });
  await ledger.command('DROP DATABASE IF EXISTS ledger SYNC');
  await ledger.command(`RESTORE DATABASE ledger FROM File('${quoted(passage)}')`);
  await rm(passage, { recursive: true, force: true });
}

/** For a string literal of the store's SQL. */
function quoted(path: string): string {
  return path.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
