// One batch into the tables: encoded, each table's block under its own token, rows that no table can hold left out and named.
import { randomUUID } from 'node:crypto';
import { type SpoolRow, spoolRowSchema } from '../../contract/interaction.ts';
import { messageOf } from '../../kernel/errors.ts';
import { frameRows } from '../spool/frame.ts';
import type { ChdbEngine } from './chdb-engine.ts';
import { type EarlyFacts, isOfTenant, lateTables } from './early-facts.ts';
import { type Dimensions, type LateRow, encodeEnds, encodeLate, unknownDimensions } from './encode-rows.ts';
import { guardedActs } from './guarded-acts.ts';
import type { IngestReport, LedgerBatch } from './ledger.ts';

const hasOwnIds: ReadonlySet<string> = new Set([...lateTables, 'interactions']);

/** What `insertRows` and `insertMissing` did. */
interface Inserted {
  readonly rows: Record<string, number>;
  /** Pieces of feedback left out, since another key than the interaction's sent them. */
  readonly foreign: number;
}

/** Inserts a batch; safe to repeat after a crash at any point. */
export async function ingestBatch(
  engine: ChdbEngine,
  early: EarlyFacts,
  batch: LedgerBatch,
): Promise<IngestReport> {
  await early.load();
  const rows = frameRows(Buffer.from(batch.frames)).rows;
  const insert = (chosen: readonly SpoolRow[]): Promise<Inserted> =>
    batch.onlyMissing === true
      ? insertMissing(engine, early, batch.name, chosen)
      : insertRows(engine, early, batch.name, chosen);
  try {
    return { ...(await insert(rows)), rejected: [], acts: guardedActs(rows) };
  } catch (error) {
    const { sound, rejected } = separate(rows);
    if (rejected.length === 0) throw error;
    return { ...(await insert(sound)), rejected, acts: guardedActs(sound) };
  }
}

/** Later facts with what is known of their interactions, without the feedback that another tenant's key sent. */
interface LateFacts {
  readonly rows: readonly LateRow[];
  readonly foreign: number;
  readonly dimensions: (row: LateRow) => Dimensions;
  /** Interactions that are not in the ledger (yet). */
  readonly unknown: readonly string[];
}

async function lateFactsOf(engine: ChdbEngine, rows: readonly SpoolRow[]): Promise<LateFacts> {
  const late = rows.filter((row) => row.row !== 'end' && row.row !== 'begin');
  const known = late.length === 0 ? new Map<string, Dimensions>() : await dimensionsOf(engine, late);
  const own = late.filter((row) => {
    const interaction = known.get(row.interaction);
    return row.row !== 'feedback' || interaction === undefined || isOfTenant(row.key, interaction.key);
  });
  return {
    rows: own,
    foreign: late.length - own.length,
    dimensions: (row) => known.get(row.interaction) ?? unknownDimensions(row),
    unknown: own.map(({ interaction }) => interaction).filter((id) => !known.has(id)),
  };
}

async function insertRows(
  engine: ChdbEngine,
  early: EarlyFacts,
  name: string,
  rows: readonly SpoolRow[],
): Promise<Inserted> {
  const counts: Record<string, number> = {};
  const ends = rows.filter((row) => row.row === 'end');
  for (const insert of encodeEnds(ends)) {
    await engine.insert(insert, `${name}/${insert.table}`);
    counts[insert.table] = insert.rows;
  }
  const mended = await early.mend(ends.map(({ id }) => id));
  const late = await lateFactsOf(engine, rows);
  early.await(late.unknown);
  for (const insert of encodeLate(late.rows, late.dimensions)) {
    await engine.insert(insert, `${name}/${insert.table}`);
    counts[insert.table] = insert.rows;
  }
  // Their interaction may have come with another batch in the meantime.
  return { rows: counts, foreign: mended + late.foreign + (await early.mend(late.unknown)) };
}

/**
 * What is missing is known by the rows' own ids, so each insert has a name that nobody had: the store writes a name down before its rows are
 * in place, and a process killed in between leaves a name that would keep the rows out for ever.
 */
async function insertMissing(
  engine: ChdbEngine,
  early: EarlyFacts,
  name: string,
  rows: readonly SpoolRow[],
): Promise<Inserted> {
  const counts: Record<string, number> = {};
  const late = await lateFactsOf(engine, rows);
  const ends = rows.filter((row) => row.row === 'end');
  early.await(late.unknown);
  for (const { table, rows: all } of [...encodeEnds(ends), ...encodeLate(late.rows, late.dimensions)]) {
    counts[table] = all;
    const column = hasOwnIds.has(table) ? 'id' : 'interaction';
    const there = await engine.query<{ id: string }>(
      `SELECT DISTINCT ${column} AS id FROM ledger.${table} WHERE ${column} IN {ids:Array(String)}`,
      { ids: rows.map((row) => row.id) },
    );
    const present = new Set(there.map((row) => row.id));
    const missing = [
      ...encodeEnds(ends.filter((row) => !present.has(row.id))),
      ...encodeLate(
        late.rows.filter((row) => !present.has(row.id)),
        late.dimensions,
      ),
    ].find((insert) => insert.table === table);
    if (missing === undefined) continue;
    await engine.insert(missing, `${name}/${table}/${randomUUID()}`);
  }
  const mended = await early.mend([...ends.map(({ id }) => id), ...late.unknown]);
  return { rows: counts, foreign: late.foreign + mended };
}

/** Dimensions of the interactions that later facts are about. */
async function dimensionsOf(engine: ChdbEngine, late: readonly LateRow[]): Promise<Map<string, Dimensions>> {
  const ids = [...new Set(late.map((row) => row.interaction))];
  const found = await engine.query<Dimensions & { id: string }>(
    `SELECT id, toUnixTimestamp64Milli(at) AS at, workspace, key, prompt, version, variant, model, provider, route, end_user, workload
     FROM ledger.interactions WHERE id IN {ids:Array(String)}`,
    { ids },
  );
  return new Map(found.map((row) => [row.id, row]));
}

function separate(rows: readonly SpoolRow[]): { sound: SpoolRow[]; rejected: IngestReport['rejected'] } {
  const sound: SpoolRow[] = [];
  const rejected: { position: number; reason: string }[] = [];
  for (const [position, row] of rows.entries()) {
    const parsed = spoolRowSchema.safeParse(row);
    if (parsed.success) sound.push(parsed.data);
    else rejected.push({ position, reason: messageOf(parsed.error).slice(0, 500) });
  }
  return { sound, rejected };
}
