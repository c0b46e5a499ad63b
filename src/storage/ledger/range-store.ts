// What ingestion must remember to be exactly-once: how far each segment is in the ledger, and the range that was on its way.

import type { AuditAct } from '../state/audit-chain.ts';

/** Acts that a range told of, and when they were taken into the chain (UTC milliseconds). */
export interface ToldActs {
  readonly at: number;
  readonly acts: readonly AuditAct[];
}

export interface SegmentProgress {
  /** Everything before this offset is in the ledger. */
  readonly done: number;
  /** End of the range that was begun and not finished: it must be finished with these very bounds before anything after it. */
  readonly pendingTo: number | null;
  readonly sealed: boolean;
}

export interface RangeStore {
  progress(gateway: string, segment: string): Promise<SegmentProgress>;
  /** Durable before it resolves: the ledger is about to get `[done, to)`. */
  begin(gateway: string, segment: string, done: number, to: number): Promise<void>;
  /** The pending range is in the ledger; what it tells goes into the audit chain in the same transaction, hence once. */
  finish(gateway: string, segment: string, to: number, told: ToldActs): Promise<void>;
  /** The segment is final and whole in the ledger; its SHA-256 goes into the audit chain, once. */
  seal(gateway: string, segment: string, bytes: number, sha256: string, at: number): Promise<void>;
}
