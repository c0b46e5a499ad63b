// Documents in SQL: JSON bodies with a status to list by and a revision to compare.
import type { Kysely } from 'kysely';
import type { Clock } from '../../kernel/clock.ts';
import type { Document, DocumentStore } from './state.ts';
import type { StateTables } from './state-tables.ts';

export function sqlDocuments(db: Kysely<StateTables>, clock: Clock): DocumentStore {
  const insert = (collection: string, id: string, body: unknown, status: string) => {
    const now = clock.now();
    return db.insertInto('documents').values({
      collection,
      id,
      status,
      body: JSON.stringify(body),
      revision: 1,
      created_at: now,
      updated_at: now,
    });
  };
  return {
    async get(collection, id) {
      const row = await db
        .selectFrom('documents')
        .selectAll()
        .where('collection', '=', collection)
        .where('id', '=', id)
        .executeTakeFirst();
      return row === undefined ? null : documentOf(row);
    },
    list: (collection, filter = {}) => list(db, collection, filter),
    async put(collection, id, body, status = '') {
      const row = await insert(collection, id, body, status)
        .onConflict((conflict) =>
          conflict.columns(['collection', 'id']).doUpdateSet((expression) => ({
            body: JSON.stringify(body),
            status,
            updated_at: clock.now(),
            revision: expression('documents.revision', '+', 1),
          })),
        )
        .returning('revision')
        .executeTakeFirstOrThrow();
      return row.revision;
    },
    async replace(collection, id, revision, body, status = '') {
      if (revision === 0) {
        const row = await insert(collection, id, body, status)
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst();
        return row !== undefined;
      }
      const { numUpdatedRows } = await db
        .updateTable('documents')
        .set({ body: JSON.stringify(body), status, updated_at: clock.now(), revision: revision + 1 })
        .where('collection', '=', collection)
        .where('id', '=', id)
        .where('revision', '=', revision)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async remove(collection, id) {
      await db.deleteFrom('documents').where('collection', '=', collection).where('id', '=', id).execute();
    },
  };
}

async function list(
  db: Kysely<StateTables>,
  collection: string,
  filter: { status?: string; limit?: number },
): Promise<Document[]> {
  let query = db.selectFrom('documents').selectAll().where('collection', '=', collection);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  const rows = await query
    .orderBy('updated_at', 'desc')
    .orderBy('id')
    .limit(filter.limit ?? 200)
    .execute();
  return rows.map(documentOf);
}

function documentOf(row: StateTables['documents']): Document {
  return {
    collection: row.collection,
    id: row.id,
    status: row.status,
    body: JSON.parse(row.body) as unknown,
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
