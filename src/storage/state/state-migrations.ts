// The state store's schema, as numbered steps that are never changed once released; plain enough for SQLite and PostgreSQL alike.
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { BinnacleError } from '../../kernel/errors.ts';
import type { StateTables } from './state-tables.ts';

const migrations: Record<string, Migration> = {
  '0001-tables': {
    async up(db: Kysely<unknown>) {
      await createKeys(db);
      await db.schema
        .createTable('ingested_segments')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('segment', 'text', (column) => column.notNull())
        .addColumn('done', 'bigint', (column) => column.notNull())
        .addColumn('pending_to', 'bigint')
        .addColumn('sealed', 'integer', (column) => column.notNull().defaultTo(0))
        .addPrimaryKeyConstraint('ingested_segments_key', ['gateway', 'segment'])
        .execute();
      await createAudit(db);
      await db.schema
        .createTable('documents')
        .addColumn('collection', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('revision', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('documents_key', ['collection', 'id'])
        .execute();
      await db.schema
        .createIndex('documents_by_status')
        .on('documents')
        .columns(['collection', 'status', 'updated_at'])
        .execute();
      await createJobs(db);
    },
  },
};

async function createKeys(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable('keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint');
  for (const name of ['name', 'owner', 'prompts', 'models', 'routes', 'roles']) {
    table = table.addColumn(name, 'text', (column) => column.notNull());
  }
  await table.execute();
}

/** On SQLite the database itself refuses to change or delete an entry. */
async function createAudit(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable('audit')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull());
  for (const name of ['actor', 'act', 'subject', 'details', 'previous', 'hash']) {
    table = table.addColumn(name, 'text', (column) => column.notNull());
  }
  await table.execute();
  for (const change of ['UPDATE', 'DELETE']) {
    await sql
      .raw(
        `CREATE TRIGGER audit_no_${change.toLowerCase()} BEFORE ${change} ON audit BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END`,
      )
      .execute(db);
  }
}

async function createJobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('jobs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('run_at', 'bigint', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull())
    .addColumn('leased_until', 'bigint')
    .addColumn('result', 'text')
    .addColumn('error', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('jobs_by_time').on('jobs').columns(['status', 'run_at']).execute();
}

/** Brings the schema up to date; resolves with the steps it took. Throws `state_migration` when one fails. */
export async function migrateState(db: Kysely<StateTables>): Promise<string[]> {
  const provider: MigrationProvider = { getMigrations: () => Promise.resolve(migrations) };
  const { error, results } = await new Migrator({ db, provider }).migrateToLatest();
  if (error === undefined) return (results ?? []).map(({ migrationName }) => migrationName);
  throw new BinnacleError({
    code: 'state_migration',
    message:
      'The state database could not be brought to this version; restore a backup or use the version that wrote it.',
    cause: error,
  });
}
