// The state store over any SQL database that Kysely speaks: one set of queries for all of them.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import type { Clock } from '../../kernel/clock.ts';
import { nodeSqliteDialect, openSqlite } from './node-sqlite-dialect.ts';
import { sqlAudit } from './sql-audit.ts';
import { sqlDocuments } from './sql-documents.ts';
import { sqlJobs } from './sql-jobs.ts';
import { sqlKeys } from './sql-keys.ts';
import { sqlRanges } from './sql-ranges.ts';
import { migrateState } from './state-migrations.ts';
import type { StateStore } from './state.ts';
import type { StateTables } from './state-tables.ts';

/** Opens (and migrates) the state kept in one SQLite file. */
export async function openSqliteState(options: {
  readonly path: string;
  readonly clock: Clock;
  /** Hears which migrations the opening applied. */
  readonly onMigrated?: (names: readonly string[]) => void;
}): Promise<StateStore> {
  mkdirSync(dirname(options.path), { recursive: true });
  const db = new Kysely<StateTables>({ dialect: nodeSqliteDialect(openSqlite(options.path)) });
  const migrated = await migrateState(db);
  options.onMigrated?.(migrated);
  return sqlState(db, options.clock);
}

function sqlState(db: Kysely<StateTables>, clock: Clock): StateStore {
  return {
    keys: sqlKeys(db),
    ranges: sqlRanges(db),
    audit: sqlAudit(db, clock),
    documents: sqlDocuments(db, clock),
    jobs: sqlJobs(db, clock),
    close: () => db.destroy(),
  };
}
