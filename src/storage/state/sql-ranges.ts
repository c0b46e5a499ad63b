// How far each spool segment is ingested, in SQL.
import type { Kysely } from 'kysely';
import type { RangeStore } from '../ledger/range-store.ts';
import { appendAuditActs } from './sql-audit.ts';
import type { StateTables } from './state-tables.ts';

export function sqlRanges(db: Kysely<StateTables>): RangeStore {
  return {
    async progress(gateway, segment) {
      const row = await db
        .selectFrom('ingested_segments')
        .selectAll()
        .where('gateway', '=', gateway)
        .where('segment', '=', segment)
        .executeTakeFirst();
      if (row === undefined) return { done: 0, pendingTo: null, sealed: false };
      return { done: row.done, pendingTo: row.pending_to, sealed: row.sealed === 1 };
    },
    async begin(gateway, segment, done, to) {
      await db
        .insertInto('ingested_segments')
        .values({ gateway, segment, done, pending_to: to, sealed: 0 })
        .onConflict((conflict) =>
          conflict.columns(['gateway', 'segment']).doUpdateSet({ done, pending_to: to }),
        )
        .execute();
    },
    async finish(gateway, segment, to, { at, acts }) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('ingested_segments')
          .set({ done: to, pending_to: null })
          .where('gateway', '=', gateway)
          .where('segment', '=', segment)
          .execute();
        await appendAuditActs(transaction, at, acts);
      });
    },
    async seal(gateway, segment, bytes, sha256, at) {
      await db.transaction().execute(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('ingested_segments')
          .values({ gateway, segment, done: bytes, pending_to: null, sealed: 1 })
          .onConflict((conflict) =>
            conflict
              .columns(['gateway', 'segment'])
              .doUpdateSet({ done: bytes, pending_to: null, sealed: 1 })
              .where('ingested_segments.sealed', '=', 0),
          )
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) return;
        const subject = `${gateway}/${segment}`;
        const details = { bytes, sha256 };
        await appendAuditActs(transaction, at, [{ actor: 'console', act: 'spool.seal', subject, details }]);
      });
    },
  };
}
