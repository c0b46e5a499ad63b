// Erasing what is kept of one end user: payloads, feedback, ratings and free text go, the user's name becomes a pseudonym, and every
// interaction, attempt and amount of money stays. The person is looked for by a salted digest, because the store keeps the text of
// statements on disk for a while; what was replaced is removed from disk at once.
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { LedgerClient, LedgerParams } from './ledger.ts';
import { factTables } from './migrations.ts';

export const erasureSchema = z.object({
  salt: z.string(),
  /** SHA-256 of salt and each name the user may be recorded under, upper-case hex. */
  digests: z.array(z.string()),
  /** What stands in the place of the user's name. */
  pseudonym: z.string(),
});
/** Who is to be erased, without saying so. */
export type Erasure = z.output<typeof erasureSchema>;

export interface ErasedCounts {
  readonly interactions: number;
  readonly payloads: number;
  readonly feedback: number;
  readonly ratings: number;
  readonly scores: number;
}

/** `names`: under which the person may be recorded. */
export function erasureOf(names: readonly string[]): Erasure {
  const salt = randomBytes(16).toString('hex');
  const digests = names.map((name) =>
    createHash('sha256')
      .update(salt + name)
      .digest('hex')
      .toUpperCase(),
  );
  return { salt, digests, pseudonym: `erased_${randomBytes(8).toString('hex')}` };
}

/** The person's rows, in any table that copies the end user. */
const THEIRS = 'hex(SHA256(concat({salt:String}, end_user))) IN {digests:Array(String)}';
/** Facts about the person's interactions, also those that came before their interaction was known. */
const ABOUT = `(${THEIRS} OR interaction IN (SELECT id FROM ledger.interactions WHERE ${THEIRS}))`;
const WAIT = 'SETTINGS mutations_sync = 2';

async function countsOf(ledger: LedgerClient, params: LedgerParams): Promise<ErasedCounts> {
  const count = async (table: string, condition: string): Promise<number> => {
    const sql = `SELECT count() AS n FROM ledger.${table} WHERE ${condition}`;
    const [row] = await ledger.query<{ n: number }>(sql, params);
    return row?.n ?? 0;
  };
  return {
    interactions: await count('interactions', THEIRS),
    payloads: await count('payloads', ABOUT),
    feedback: await count('feedback', ABOUT),
    ratings: await count('ratings', ABOUT),
    scores: await count('scores', ABOUT),
  };
}

/** What happens to each table, facts before the interactions that they are found by. */
const STATEMENTS: readonly string[] = [
  `ALTER TABLE ledger.payloads DELETE WHERE ${ABOUT} ${WAIT}`,
  `ALTER TABLE ledger.feedback DELETE WHERE ${ABOUT} ${WAIT}`,
  // A rating that was paid for stays as an amount of money.
  `ALTER TABLE ledger.ratings DELETE WHERE ${ABOUT} AND cost_usd IS NULL ${WAIT}`,
  `ALTER TABLE ledger.ratings UPDATE comment = '', value = 0, dimension = 'erased', end_user = {pseudonym:String} WHERE ${ABOUT} ${WAIT}`,
  `ALTER TABLE ledger.scores UPDATE reason = '', end_user = {pseudonym:String} WHERE ${ABOUT} ${WAIT}`,
  `ALTER TABLE ledger.findings UPDATE end_user = {pseudonym:String} WHERE ${ABOUT} ${WAIT}`,
  `ALTER TABLE ledger.attempts UPDATE end_user = {pseudonym:String} WHERE ${ABOUT} ${WAIT}`,
  `ALTER TABLE ledger.interactions UPDATE end_user = {pseudonym:String}, session = '', tags = [], error_message = '' WHERE ${THEIRS} ${WAIT}`,
];

/** Removes replaced parts from disk now, not after the store's usual eight minutes: dropping a month that never was makes it look. */
async function removeReplaced(ledger: LedgerClient): Promise<void> {
  for (const table of factTables) {
    await ledger.command(
      `ALTER TABLE ledger.${table} MODIFY SETTING old_parts_lifetime = 0, min_rows_to_fsync_after_merge = 1`,
    );
    try {
      await ledger.command(`ALTER TABLE ledger.${table} DROP PARTITION 190001`);
    } finally {
      await ledger.command(
        `ALTER TABLE ledger.${table} RESET SETTING old_parts_lifetime, min_rows_to_fsync_after_merge`,
      );
    }
  }
}

/** Erases; says how much there was. Repeating it takes what came later. Rejects as the ledger does: then it is to be repeated. */
export async function erasePerson(ledger: LedgerClient, erasure: Erasure): Promise<ErasedCounts> {
  const { salt, digests, pseudonym } = erasure;
  const who = { salt, digests };
  const counts = await countsOf(ledger, who);
  if (Object.values(counts).every((count) => count === 0)) return counts;
  for (const statement of STATEMENTS) {
    const params = statement.includes('{pseudonym:') ? { ...who, pseudonym } : who;
    await ledger.command(statement, params);
  }
  await removeReplaced(ledger);
  return counts;
}
