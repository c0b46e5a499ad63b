// Transactions over node:sqlite.
import { Kysely, sql } from 'kysely';
import { expect, test } from 'vitest';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { nodeSqliteDialect, openSqlite } from './node-sqlite-dialect.ts';

test('where SQLite has ended a transaction by itself, as it does on a full disk, the error of the statement is told', async () => {
  await using folder = await scratchFolder();
  const database = new Kysely<Record<string, never>>({
    dialect: nodeSqliteDialect(openSqlite(`${folder.path}/state.db`)),
  });
  await sql`CREATE TABLE notes (text BLOB)`.execute(database);
  await sql`PRAGMA max_page_count = 20`.execute(database);
  const filling = database.transaction().execute(async (transaction) => {
    for (let row = 0; row < 100; row += 1)
      await sql`INSERT INTO notes VALUES (zeroblob(4000))`.execute(transaction);
  });
  await expect(filling).rejects.toThrow(/database or disk is full/);
  const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM notes`.execute(database);
  expect(rows).toEqual([{ count: 0 }]);
  await database.destroy();
});
