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
const ROWS_AN_INSERT = 100;

export function sqlAudit(db: Kysely<StateTables>, clock: Clock): AuditStore {
  return {
    append: (act) =>
      db.transaction().execute(async (transaction) => {
        const [entry] = await appendAuditActs(transaction, clock.now(), [act]);
        return entry as AuditEntry;
      }),
    entries: (from = 1) => entriesFrom(db, from),
    last: async () => {
      const row = await db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst();
      return row === undefined ? null : entryOf(row);
    },
    verify: (checkpoints = []) => verifyAuditChain(entriesFrom(db, 1), checkpoints),
  };
}

/** Appends within a caller's transaction, so that acts and their record are one. Returns the new entries. */
export async function appendAuditActs(
  transaction: Transaction<StateTables>,
  at: number,
  acts: readonly AuditAct[],
): Promise<AuditEntry[]> {
  if (acts.length === 0) return [];
  const row = await transaction
    .selectFrom('audit')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  let last = row === undefined ? null : entryOf(row);
  const entries = acts.map((act) => (last = nextAuditEntry(last, at, act)));
  for (let from = 0; from < entries.length; from += ROWS_AN_INSERT) {
    const rows = entries.slice(from, from + ROWS_AN_INSERT);
    await transaction
      .insertInto('audit')
      .values(rows.map((entry) => ({ ...entry, details: JSON.stringify(entry.details) })))
      .execute();
  }
  return entries;
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
