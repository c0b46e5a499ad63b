// One batch into the tables: encoded, each table's block under its own token, rows that no table can hold left out and named.
import { type SpoolRow, spoolRowSchema } from '../../contract/interaction.ts';
import { messageOf } from '../../kernel/errors.ts';
import { frameTexts } from '../spool/frame.ts';
import type { ChdbEngine } from './chdb-engine.ts';
import { type Dimensions, type LateRow, encodeEnds, encodeLate, unknownDimensions } from './encode-rows.ts';
import { guardedActs } from './guarded-acts.ts';
import type { IngestReport, LedgerBatch } from './ledger.ts';

const lateTables: ReadonlySet<string> = new Set(['feedback', 'scores', 'ratings']);

/** Inserts a batch; safe to repeat after a crash at any point. */
export async function ingestBatch(engine: ChdbEngine, batch: LedgerBatch): Promise<IngestReport> {
  const rows = frameTexts(Buffer.from(batch.frames)).texts.map((text) => JSON.parse(text) as SpoolRow);
  const insert = batch.onlyMissing === true ? insertMissing : insertRows;
  try {
    return { rows: await insert(engine, batch.name, rows), rejected: [], acts: guardedActs(rows) };
  } catch (error) {
    const { sound, rejected } = separate(rows);
    if (rejected.length === 0) throw error;
    return { rows: await insert(engine, batch.name, sound), rejected, acts: guardedActs(sound) };
  }
}

async function insertRows(
  engine: ChdbEngine,
  name: string,
  rows: readonly SpoolRow[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const ends = rows.filter((row) => row.row === 'end');
  const late = rows.filter((row) => row.row !== 'end' && row.row !== 'begin');
  for (const insert of encodeEnds(ends)) {
    await engine.insert(insert, `${name}/${insert.table}`);
    counts[insert.table] = insert.rows;
  }
  if (late.length === 0) return counts;
  const known = await dimensionsOf(engine, late);
  const inserts = encodeLate(late, (row) => known.get(row.interaction) ?? unknownDimensions(row));
  for (const insert of inserts) {
    await engine.insert(insert, `${name}/${insert.table}`);
    counts[insert.table] = insert.rows;
  }
  return counts;
}

async function insertMissing(
  engine: ChdbEngine,
  name: string,
  rows: readonly SpoolRow[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const late = rows.filter((row) => row.row !== 'end' && row.row !== 'begin');
  const known = await dimensionsOf(engine, late);
  const dimensions = (row: LateRow) => known.get(row.interaction) ?? unknownDimensions(row);
  const ends = rows.filter((row) => row.row === 'end');
  for (const { table } of [...encodeEnds(ends), ...encodeLate(late, dimensions)]) {
    const column = lateTables.has(table) || table === 'interactions' ? 'id' : 'interaction';
    const there = await engine.query<{ id: string }>(
      `SELECT DISTINCT ${column} AS id FROM ledger.${table} WHERE ${column} IN {ids:Array(String)}`,
      { ids: rows.map((row) => row.id) },
    );
    const present = new Set(there.map((row) => row.id));
    const missing = [
      ...encodeEnds(ends.filter((row) => !present.has(row.id))),
      ...encodeLate(
        late.filter((row) => !present.has(row.id)),
        dimensions,
      ),
    ].find((insert) => insert.table === table);
    if (missing === undefined) continue;
    await engine.insert(missing, `${name}/${table}`);
    counts[table] = missing.rows;
  }
  return counts;
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
