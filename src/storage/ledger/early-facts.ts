// Facts that are in the ledger before their interaction (a stream still goes on, another gateway delivers first): remembered, and given the
// interaction's time and dimensions once it is there. What an interaction is cut by is copied into each fact, and part of it orders the table,
// so such a row is written anew and the first one deleted; a crash in between is found by the rows' ids.
import type { ChdbEngine } from './chdb-engine.ts';

export const lateTables = ['feedback', 'scores', 'ratings'] as const;

/** Interactions remembered at most; what is beyond is mended after the next start. */
const MOST_AWAITED = 100_000;
const COPIED =
  'at, workspace, key, prompt, version, variant, model, provider, route, end_user, workload'.split(', ');
/** An early row names no workspace; a mended one does. */
const UNMENDED = "interaction IN {ids:Array(String)} AND workspace = ''";

/** Feedback counts when the interaction's own key sent it, or when there are no keys and so no tenants to keep apart. */
export function isOfTenant(feedbackKey: string, interactionKey: string): boolean {
  return feedbackKey === '' || feedbackKey === interactionKey;
}
/** The same in SQL, of feedback `f` and interaction `i`. */
const OF_TENANT = "(f.key = '' OR f.key = i.key)";

export class EarlyFacts {
  readonly #engine: Pick<ChdbEngine, 'query' | 'command'>;
  readonly #awaited = new Set<string>();
  #loaded: Promise<void> | null = null;
  readonly #due = new Set<string>();
  #next: Promise<number> | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(engine: Pick<ChdbEngine, 'query' | 'command'>) {
    this.#engine = engine;
  }

  /** Reads what waits since before the start. Call before anything is ingested. */
  async load(): Promise<void> {
    this.#loaded ??= this.#read();
    try {
      await this.#loaded;
    } catch (error) {
      this.#loaded = null;
      throw error;
    }
  }

  /** Call before facts without a known interaction are inserted. */
  await(interactions: Iterable<string>): void {
    for (const id of interactions) this.#awaited.add(id);
    for (const id of this.#awaited) {
      if (this.#awaited.size <= MOST_AWAITED) break;
      this.#awaited.delete(id);
    }
  }

  /**
   * Mends the facts of those of the interactions that are awaited and are in the ledger now. Call after interactions are inserted, and after
   * early facts are, since either may come first. Resolves with how many pieces of feedback another key had sent: those are gone.
   */
  mend(interactions: Iterable<string>): Promise<number> {
    const ids = [...interactions].filter((id) => this.#awaited.has(id));
    if (ids.length === 0) return Promise.resolve(0);
    for (const id of ids) this.#due.add(id);
    // A deletion takes a moment whatever it deletes: what comes meanwhile is mended together, and counted once.
    if (this.#next !== null) return this.#next.then(() => 0);
    const next = this.#turn.then(() => {
      const due = [...this.#due];
      this.#due.clear();
      this.#next = null;
      return this.#mendNow(due);
    });
    this.#next = next;
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #read(): Promise<void> {
    for (const table of lateTables) {
      const rows = await this.#engine.query<{ interaction: string }>(
        `SELECT DISTINCT interaction FROM ledger.${table} WHERE workspace = '' LIMIT ${MOST_AWAITED}`,
        {},
      );
      this.await(rows.map(({ interaction }) => interaction));
    }
    const awaited = [...this.#awaited];
    for (let from = 0; from < awaited.length; from += 1000) await this.mend(awaited.slice(from, from + 1000));
  }

  async #mendNow(asked: readonly string[]): Promise<number> {
    const found = await this.#engine.query<{ id: string }>(
      "SELECT DISTINCT id FROM ledger.interactions WHERE id IN {ids:Array(String)} AND workspace != ''",
      { ids: asked },
    );
    const ids = found.map(({ id }) => id);
    if (ids.length === 0) return 0;
    const foreign = await this.#countForeign(ids);
    for (const table of lateTables) await this.#mendTable(table, ids);
    for (const id of ids) this.#awaited.delete(id);
    return foreign;
  }

  async #countForeign(ids: readonly string[]): Promise<number> {
    const [row] = await this.#engine.query<{ n: number }>(
      `SELECT count() AS n FROM ledger.feedback AS f INNER JOIN (SELECT id, key FROM ledger.interactions WHERE id IN {ids:Array(String)}) AS i
       ON i.id = f.interaction WHERE f.interaction IN {ids:Array(String)} AND f.workspace = '' AND NOT ${OF_TENANT}`,
      { ids },
    );
    return row?.n ?? 0;
  }

  async #mendTable(table: (typeof lateTables)[number], ids: readonly string[]): Promise<void> {
    const [early] = await this.#engine.query<{ n: number }>(
      `SELECT count() AS n FROM ledger.${table} WHERE ${UNMENDED}`,
      { ids },
    );
    if ((early?.n ?? 0) === 0) return;
    const columns = await this.#columns(table);
    const values = columns.map((name) => (COPIED.includes(name) ? `i.${name}` : `f.${name}`));
    await this.#engine.command(
      `INSERT INTO ledger.${table} (${columns.join(', ')}) SELECT ${values.join(', ')}
       FROM ledger.${table} AS f INNER JOIN (SELECT id, ${COPIED.join(', ')} FROM ledger.interactions WHERE id IN {ids:Array(String)}) AS i
       ON i.id = f.interaction
       WHERE f.interaction IN {ids:Array(String)} AND f.workspace = ''${table === 'feedback' ? ` AND ${OF_TENANT}` : ''}
       AND f.id NOT IN (SELECT id FROM ledger.${table} WHERE interaction IN {ids:Array(String)} AND workspace != '')
       SETTINGS insert_deduplicate = 0`,
      { ids },
    );
    await this.#engine.command(
      `ALTER TABLE ledger.${table} DELETE WHERE ${UNMENDED} SETTINGS mutations_sync = 2`,
      { ids },
    );
  }

  async #columns(table: string): Promise<string[]> {
    const rows = await this.#engine.query<{ name: string }>(
      "SELECT name FROM system.columns WHERE database = 'ledger' AND table = {table:String} ORDER BY position",
      { table },
    );
    return rows.map(({ name }) => name);
  }
}
