// Keys in SQL.
import type { Kysely } from 'kysely';
import type { KeyRecord, KeyStore } from './state.ts';
import type { StateTables } from './state-tables.ts';

export function sqlKeys(db: Kysely<StateTables>): KeyStore {
  return {
    async create(key) {
      await db
        .insertInto('keys')
        .values({
          id: key.id,
          name: key.name,
          owner: key.owner,
          hash: key.hash,
          created_at: key.createdAt,
          expires_at: key.expiresAt,
          revoked_at: key.revokedAt,
          prompts: JSON.stringify(key.prompts),
          models: JSON.stringify(key.models),
          routes: JSON.stringify(key.routes),
          roles: JSON.stringify(key.roles),
        })
        .execute();
    },
    async get(id) {
      const row = await db.selectFrom('keys').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : keyOf(row);
    },
    async list() {
      const rows = await db.selectFrom('keys').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map(keyOf);
    },
    async replaceHash(id, hash) {
      const { numUpdatedRows } = await db
        .updateTable('keys')
        .set({ hash })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async revoke(id, at) {
      const { numUpdatedRows } = await db
        .updateTable('keys')
        .set({ revoked_at: at })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

function keyOf(row: StateTables['keys']): KeyRecord {
  return {
    id: row.id,
    name: row.name,
    owner: row.owner,
    hash: row.hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    prompts: JSON.parse(row.prompts) as string[],
    models: JSON.parse(row.models) as string[],
    routes: JSON.parse(row.routes) as string[],
    roles: JSON.parse(row.roles) as string[],
  };
}
