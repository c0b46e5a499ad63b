// The audit chain in SQL: appended inside a transaction that reads the last entry, read in pages.
import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../../kernel/clock.ts';
import {
  type AuditAct,
  type AuditDetails,
  type AuditEntry,
  nextAuditEntry,
  verifyAuditChain,
} from './audit-chain.ts';
import type { AuditStore } from './state.ts';
import type { StateTables } from './state-tables.ts';

const PAGE = 1000;

export function sqlAudit(db: Kysely<StateTables>, clock: Clock): AuditStore {
  return {
    append: (act) => db.transaction().execute((transaction) => appendAudit(transaction, clock.now(), act)),
    entries: (from = 1) => entriesFrom(db, from),
    verify: () => verifyAuditChain(entriesFrom(db, 1)),
  };
}

/** Appends within a caller's transaction, so that an act and its record are one. */
export async function appendAudit(
  transaction: Transaction<StateTables>,
  at: number,
  act: AuditAct,
): Promise<AuditEntry> {
  const row = await transaction
    .selectFrom('audit')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const entry = nextAuditEntry(row === undefined ? null : entryOf(row), at, act);
  await transaction
    .insertInto('audit')
    .values({ ...entry, details: JSON.stringify(entry.details) })
    .execute();
  return entry;
}

async function* entriesFrom(db: Kysely<StateTables>, from: number): AsyncGenerator<AuditEntry> {
  for (let next = from; ;) {
    const rows = await db
      .selectFrom('audit')
      .selectAll()
      .where('seq', '>=', next)
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    for (const row of rows) yield entryOf(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    next = last.seq + 1;
  }
}

function entryOf(row: StateTables['audit']): AuditEntry {
  return { ...row, details: JSON.parse(row.details) as AuditDetails };
}
