// Jobs in SQL: claimed under a lease, so that the work of a claimant that died is done by another; `tries` names the claim.
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
import type { Clock } from '../../kernel/clock.ts';
import type { Job, JobStore } from './state.ts';
import type { StateTables } from './state-tables.ts';

export function sqlJobs(db: Kysely<StateTables>, clock: Clock): JobStore {
  const update = async (
    id: string,
    tries: number,
    values: Partial<StateTables['jobs']>,
  ): Promise<boolean> => {
    const { numUpdatedRows } = await db
      .updateTable('jobs')
      .set({ ...values, updated_at: clock.now() })
      .where('id', '=', id)
      .where('status', '=', 'running')
      .where('tries', '=', tries)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  };
  return {
    async add(job) {
      const now = clock.now();
      const row = await db
        .insertInto('jobs')
        .values({
          id: job.id,
          kind: job.kind,
          payload: JSON.stringify(job.payload ?? null),
          status: 'waiting',
          run_at: job.runAt,
          tries: 0,
          created_at: now,
          updated_at: now,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    claim: (kinds, lease) => claim(db, clock.now(), kinds, lease),
    extend: (id, tries, lease) => update(id, tries, { leased_until: clock.now() + lease }),
    finish: (id, tries, result) =>
      update(id, tries, { status: 'done', result: JSON.stringify(result ?? null), leased_until: null }),
    fail: (id, tries, error, retryAt) =>
      update(
        id,
        tries,
        retryAt === null
          ? { status: 'failed', error, leased_until: null }
          : { status: 'waiting', error, leased_until: null, run_at: retryAt },
      ),
    async get(id) {
      const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : jobOf(row);
    },
    list: (filter = {}) => list(db, filter),
  };
}

async function list(db: Kysely<StateTables>, filter: { kind?: string; limit?: number }): Promise<Job[]> {
  let query = db.selectFrom('jobs').selectAll();
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  const rows = await query
    .orderBy('created_at', 'desc')
    .limit(filter.limit ?? 200)
    .execute();
  return rows.map(jobOf);
}

async function claim(
  db: Kysely<StateTables>,
  now: number,
  kinds: readonly string[],
  lease: number,
): Promise<Job | null> {
  if (kinds.length === 0) return null;
  return await db.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('jobs')
      .selectAll()
      .where('kind', 'in', kinds)
      .where((where) =>
        where.or([
          where.and([where('status', '=', 'waiting'), isDue(where, now)]),
          where.and([where('status', '=', 'running'), where('leased_until', '<=', now)]),
        ]),
      )
      .orderBy('run_at')
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) return null;
    const claimed = { status: 'running', tries: row.tries + 1, leased_until: now + lease, updated_at: now };
    await transaction.updateTable('jobs').set(claimed).where('id', '=', row.id).execute();
    return jobOf({ ...row, ...claimed });
  });
}

/** Its time has come; or it was written by a clock that has been set back since, so that nobody can tell when that will be. */
function isDue(where: ExpressionBuilder<StateTables, 'jobs'>, now: number): Expression<SqlBool> {
  return where.or([where('run_at', '<=', now), where('updated_at', '>', now)]);
}

function jobOf(row: StateTables['jobs']): Job {
  return {
    id: row.id,
    kind: row.kind,
    payload: JSON.parse(row.payload) as unknown,
    status: row.status as Job['status'],
    runAt: row.run_at,
    tries: row.tries,
    result: row.result === null ? null : (JSON.parse(row.result) as unknown),
    error: row.error,
  };
}
