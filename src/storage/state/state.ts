// The state store as its users see it: small things that change (keys, jobs, incidents, settings), the audit chain, and how far spools
// are ingested. SQLite now; whatever else joins passes the same contract suite.
import type { RangeStore } from '../ledger/range-store.ts';
import type { AuditAct, AuditCheckpoint, AuditEntry, AuditVerdict } from './audit-chain.ts';

/** A key as it is stored: never the key itself. */
export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** HMAC-SHA-256 of the full key under the installation's secret, hex. */
  readonly hash: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Empty lists: everything. */
  readonly prompts: readonly string[];
  readonly models: readonly string[];
  readonly routes: readonly string[];
  readonly roles: readonly string[];
}

export interface KeyStore {
  create(key: KeyRecord): Promise<void>;
  get(id: string): Promise<KeyRecord | null>;
  /** Oldest first, revoked and expired ones too. */
  list(): Promise<KeyRecord[]>;
  /** Puts another hash in place (rotation); false where there is no such live key. */
  replaceHash(id: string, hash: string): Promise<boolean>;
  /** False where there is no such live key. */
  revoke(id: string, at: number): Promise<boolean>;
}

export interface AuditStore {
  /** Appends an act; the entry is durable when this resolves. */
  append(act: AuditAct): Promise<AuditEntry>;
  /** Entries from `from` on (1 is the first), in order. */
  entries(from?: number): AsyncIterable<AuditEntry>;
  /** The newest entry; null while the chain is empty. */
  last(): Promise<AuditEntry | null>;
  /** Names the first bad entry; checkpoints kept elsewhere also catch a cut tail and a chain written anew. */
  verify(checkpoints?: readonly AuditCheckpoint[]): Promise<AuditVerdict>;
}

/** What a document is kept under: `incident`, `alert`, `setting`, `experiment`, `rollout`, … */
export interface Document {
  readonly collection: string;
  readonly id: string;
  /** What lists are narrowed by: `open`, `resolved`, … */
  readonly status: string;
  readonly body: unknown;
  /** Counts writes, from 1. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface DocumentStore {
  get(collection: string, id: string): Promise<Document | null>;
  /** Newest first, at most `limit` (default 200). */
  list(collection: string, filter?: { status?: string; limit?: number }): Promise<Document[]>;
  /** Writes whatever is there; returns the new revision. */
  put(collection: string, id: string, body: unknown, status?: string): Promise<number>;
  /** Writes only over `revision` (0: only where nothing is); false when somebody else was first. */
  replace(collection: string, id: string, revision: number, body: unknown, status?: string): Promise<boolean>;
  remove(collection: string, id: string): Promise<void>;
}

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly status: 'waiting' | 'running' | 'done' | 'failed';
  readonly runAt: number;
  /** How often it was claimed. */
  readonly tries: number;
  readonly result: unknown;
  readonly error: string | null;
}

export interface JobStore {
  /** Adds a job; false when one with this id is there (so an id that names the work makes it happen once). */
  add(job: { id: string; kind: string; payload: unknown; runAt: number }): Promise<boolean>;
  /**
   * Takes the next due job of these kinds, or one whose claimant's lease ran out. One written at a time that is still to come, by a clock that
   * has been set back since, is due at once: it must not wait until that time has come again.
   */
  claim(kinds: readonly string[], leaseMilliseconds: number): Promise<Job | null>;
  /** Lengthens a claim; false when it is lost. */
  extend(id: string, tries: number, leaseMilliseconds: number): Promise<boolean>;
  /** False when the claim is lost. */
  finish(id: string, tries: number, result: unknown): Promise<boolean>;
  /** Failed for good, or to be tried again at `retryAt`. */
  fail(id: string, tries: number, error: string, retryAt: number | null): Promise<boolean>;
  get(id: string): Promise<Job | null>;
  list(filter?: { kind?: string; limit?: number }): Promise<Job[]>;
}

export interface StateStore {
  readonly keys: KeyStore;
  readonly ranges: RangeStore;
  readonly audit: AuditStore;
  readonly documents: DocumentStore;
  readonly jobs: JobStore;
  close(): Promise<void>;
}
