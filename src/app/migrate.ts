// Brings the stores of an installation that does not run to this version. One that runs did so at its start.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import { UsageError } from '../kernel/errors.ts';
import { silentLogger } from '../kernel/logger.ts';
import { lockFolder } from '../storage/folder-lock.ts';
import { openLedger } from '../storage/ledger/ledger-child.ts';
import { openSqliteState } from '../storage/state/sql-state.ts';
import { STATE_FILE } from './backup.ts';

export interface Migrated {
  /** Names of the steps taken, in order; empty: the store was up to date. */
  readonly state: readonly string[];
  readonly ledger: readonly string[];
}

/** Throws a UsageError where no installation has run, and `folder_owned` where one runs. */
export async function migrateStores(dataFolder: string, clock: Clock): Promise<Migrated> {
  if (!existsSync(join(dataFolder, STATE_FILE)))
    throw new UsageError(
      `There is nothing to migrate in ${dataFolder}: no installation has run on it. "binnacle up" makes its stores.`,
    );
  const lock = await lockFolder({
    directory: dataFolder,
    holder: 'binnacle migrate',
    startedAt: clock.now(),
  });
  try {
    const done = { state: [] as string[], ledger: [] as string[] };
    const state = await openSqliteState({
      path: join(dataFolder, STATE_FILE),
      clock,
      onMigrated: (names) => done.state.push(...names),
    });
    await state.close();
    const ledger = await openLedger({
      directory: join(dataFolder, 'ledger'),
      logger: silentLogger,
      onMigrated: (names) => done.ledger.push(...names),
    });
    await ledger.close();
    return done;
  } finally {
    lock.release();
  }
}
