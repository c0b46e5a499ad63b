// The only file that loads chDB: opens its folder with bounded memory, one session that writes and two that read, and runs migrations.
// It is loaded by the ledger process alone, because native code that crashes takes its process along.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'chdb';
import type { InsertBody } from './encode-rows.ts';
import { engineConfiguration } from './engine-configuration.ts';
import type { LedgerParams } from './ledger.ts';
import type { JoinedPart } from './part-watch.ts';
import { type FactTable, type Migration, factTables, migrations } from './migrations.ts';

export interface ChdbEngineOptions {
  readonly directory: string;
  /** Bound of the engine's own accounting; the process takes about 150 MB more. */
  readonly memoryBytes: number;
  /** Days (with fractions) after which facts are dropped; null keeps them. */
  readonly retentionDays: number | null;
  readonly payloadRetentionDays: number | null;
  readonly feedbackRetentionDays: number | null;
}

/** One block an insert, whatever the batch: the deduplication token names a block, so blocks must never be cut differently. */
const INSERT_SETTINGS = {
  insert_deduplicate: 1,
  async_insert: 0,
  max_insert_threads: 1,
  input_format_parallel_parsing: 0,
  max_insert_block_size: 1_048_449,
  min_insert_block_size_rows: 1_048_449,
  min_insert_block_size_bytes: 268_402_944,
} as const;

/** Whole numbers of 64 bits come as text. */
interface PartRow {
  readonly path: string;
  readonly bytes: string;
}

export class ChdbEngine {
  readonly #writer: Session;
  /** Names of the migrations that this opening applied. */
  readonly migrated: string[] = [];
  readonly #readers: { readonly session: Session; queue: Promise<unknown>; waiting: number }[];
  #writes: Promise<unknown> = Promise.resolve();

  constructor(options: ChdbEngineOptions) {
    mkdirSync(options.directory, { recursive: true });
    const configuration = join(options.directory, 'engine.xml');
    writeFileSync(configuration, engineConfiguration(options.memoryBytes, options.directory));
    const data = join(options.directory, 'data');
    const connectionArgs = [`--config-file=${configuration}`];
    this.#writer = new Session(data, { connectionArgs });
    this.#migrate(options);
    this.#readers = Array.from({ length: 2 }, () => {
      const session = new Session(data, { connectionArgs });
      session.query(`SET max_memory_usage = ${Math.floor(options.memoryBytes / 2)}`);
      session.query('SET max_threads = 2, max_execution_time = 60, output_format_json_quote_decimals = 1');
      session.query('SET output_format_json_quote_64bit_integers = 0, max_block_size = 16384');
      return { session, queue: Promise.resolve(), waiting: 0 };
    });
  }

  /** Inserts one block under a token; a second time with the same token does nothing. */
  insert(insert: InsertBody, token: string): Promise<void> {
    return this.#write(async () => {
      await this.#writer.insert({
        table: `ledger.${insert.table}`,
        columns: [...insert.columns],
        values: Buffer.from(insert.body),
        format: 'JSONCompactEachRow',
        settings: { ...INSERT_SETTINGS, insert_deduplication_token: token },
      });
    });
  }

  command(sql: string, params: LedgerParams): Promise<void> {
    return this.#write(async () => {
      await this.#writer.queryBindAsync(sql, params, { format: 'JSONEachRow' });
    });
  }

  async query<Row>(sql: string, params: LedgerParams): Promise<Row[]> {
    const bytes = await this.bytes(sql, params, 'JSONEachRow');
    const text = Buffer.from(bytes).toString('utf8').trimEnd();
    return text === '' ? [] : (JSON.parse(`[${text.replaceAll('\n', ',')}]`) as Row[]);
  }

  async bytes(sql: string, params: LedgerParams, format: string): Promise<Uint8Array> {
    const reader = this.#readers.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    reader.waiting += 1;
    const answer = reader.queue.then(async () => reader.session.queryBindAsync(sql, params, { format }));
    reader.queue = answer.then(
      () => (reader.waiting -= 1),
      () => (reader.waiting -= 1),
    );
    return (await answer).bytes();
  }

  /** Active joined parts of the last seconds; asked among the writes, which never wait for long. */
  async joinedParts(seconds: number): Promise<JoinedPart[]> {
    let text = '';
    await this.#write(async () => {
      const found = await this.#writer.queryBindAsync(
        "SELECT path, toUInt64(bytes_on_disk) AS bytes FROM system.parts WHERE database = 'ledger' AND active AND level > 0 AND modification_time >= now() - {seconds:UInt32}",
        { seconds },
        { format: 'JSONEachRow' },
      );
      text = Buffer.from(found.bytes()).toString('utf8').trimEnd();
    });
    const rows = text === '' ? [] : (JSON.parse(`[${text.replaceAll('\n', ',')}]`) as PartRow[]);
    return rows.map(({ path, bytes }) => ({ path, bytes: Number(bytes) }));
  }

  close(): void {
    for (const reader of this.#readers) reader.session.close();
    this.#writer.close();
  }

  #write(action: () => Promise<void>): Promise<void> {
    const done = this.#writes.then(action);
    this.#writes = done.catch(() => undefined);
    return done;
  }

  #migrate(options: ChdbEngineOptions): void {
    this.#writer.query('CREATE DATABASE IF NOT EXISTS ledger');
    this.#writer.query(
      'CREATE TABLE IF NOT EXISTS ledger.migrations (number UInt32, name String) ENGINE = MergeTree ORDER BY number SETTINGS fsync_after_insert = 1',
    );
    const done = new Set(
      this.#writer
        .query('SELECT number FROM ledger.migrations', 'TSV')
        .split('\n')
        .filter(Boolean)
        .map(Number),
    );
    for (const migration of migrations) if (!done.has(migration.number)) this.#apply(migration);
    for (const table of factTables) {
      const own: Partial<Record<FactTable, number | null>> = {
        payloads: options.payloadRetentionDays,
        feedback: options.feedbackRetentionDays,
        ratings: options.feedbackRetentionDays,
      };
      this.#retain(table, own[table] === undefined ? options.retentionDays : own[table]);
    }
  }

  #apply(migration: Migration): void {
    for (const statement of migration.statements) this.#writer.query(statement);
    this.#writer.query(`INSERT INTO ledger.migrations VALUES (${migration.number}, '${migration.name}')`);
    this.migrated.push(migration.name);
  }

  #retain(table: string, days: number | null): void {
    const clause = days === null ? '' : `TTL toDateTime(at) + toIntervalSecond(${Math.round(days * 86_400)})`;
    const created = this.#writer.query(
      `SELECT create_table_query FROM system.tables WHERE database = 'ledger' AND name = '${table}'`,
      'TSVRaw',
    );
    const has = / TTL toDateTime/.test(created);
    if (clause === '' ? !has : created.includes(clause)) return;
    this.#writer.query(
      clause === ''
        ? `ALTER TABLE ledger.${table} REMOVE TTL`
        : `ALTER TABLE ledger.${table} MODIFY ${clause} SETTINGS materialize_ttl_after_modify = 0`,
    );
  }
}
