// The ledger as its users see it: batches in, parameterised queries out. The store behind it (chDB in a child process) is not named here.

import type { AuditAct } from '../state/audit-chain.ts';

/** A value bound to a `{name:Type}` placeholder; never part of the SQL text. */
export type LedgerParam = string | number | bigint | boolean | null | readonly (string | number)[];
export type LedgerParams = Readonly<Record<string, LedgerParam>>;

/** Rows under one name. The same name with the same rows inserts once, however often it is sent. */
export interface LedgerBatch {
  /** `gateway/segment/from-to`: names these very rows for ever. */
  readonly name: string;
  /** Whole spool frames. */
  readonly frames: Uint8Array;
  /** Leave out rows whose ids are in the ledger already: for what may have been sent before, whatever became of it. */
  readonly onlyMissing?: boolean;
}

export interface IngestReport {
  /** Rows now in each table because of this batch (also when an earlier try put them there). */
  readonly rows: Readonly<Record<string, number>>;
  /** Rows that no table can hold: left out, and named. */
  readonly rejected: readonly { readonly position: number; readonly reason: string }[];
  /** Pieces of feedback left out, since another key than their interaction's sent them. */
  readonly foreign: number;
  /** Blocks and redactions among these rows, for the audit chain. */
  readonly acts: readonly AuditAct[];
}

export interface LedgerFigures {
  readonly processId: number | null;
  /** Resident memory of the ledger process. */
  readonly residentBytes: number;
  /** How often the process was started again after it died. */
  readonly restarts: number;
}

export interface LedgerClient {
  /** Inserts a batch, once. Rejects with `ledger_unavailable` (retryable) when the process died under it: send it again. */
  ingest(batch: LedgerBatch): Promise<IngestReport>;
  /** Rows as objects: decimals as exact strings, 64-bit counts as numbers, times as `YYYY-MM-DD hh:mm:ss.mmm` UTC. */
  query<Row>(sql: string, params?: LedgerParams): Promise<Row[]>;
  /** The answer in one of the store's own formats, for export. */
  bytes(
    sql: string,
    params: LedgerParams,
    format: 'Parquet' | 'JSONEachRow' | 'CSVWithNames',
  ): Promise<Uint8Array>;
  /** A statement that changes data (retention, erasure). */
  command(sql: string, params?: LedgerParams): Promise<void>;
  figures(): Promise<LedgerFigures>;
  close(): Promise<void>;
}
