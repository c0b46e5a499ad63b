// The audit chain's arithmetic: each entry's hash covers all its fields and the hash before it, so that a change anywhere shows. Pure.
import { createHash } from 'node:crypto';

export type AuditValue =
  string | number | boolean | null | readonly AuditValue[] | { readonly [name: string]: AuditValue };
export type AuditDetails = { readonly [name: string]: AuditValue };

/** What is to be recorded. Details hold no personal data: the chain is never rewritten. */
export interface AuditAct {
  /** Who: a key's id, `console`, `cli:NAME`. */
  readonly actor: string;
  /** What was done: `key.create`, `spool.seal`, `rollout.advance`. */
  readonly act: string;
  /** To what. */
  readonly subject: string;
  readonly details: AuditDetails;
}

export interface AuditEntry extends AuditAct {
  /** From 1, without gaps. */
  readonly seq: number;
  /** UTC milliseconds. */
  readonly at: number;
  /** Hash of the entry before; 64 zeros for the first. */
  readonly previous: string;
  /** SHA-256, hex. */
  readonly hash: string;
}

export const FIRST_PREVIOUS = '0'.repeat(64);

/** SHA-256 over the entry's fields in a fixed order, with object keys sorted. */
export function auditHash(entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, at, actor, act, subject, details, previous } = entry;
  return createHash('sha256')
    .update(canonicalJson([seq, at, actor, act, subject, details, previous]))
    .digest('hex');
}

/** The entry that follows `last` (null: the chain is empty). */
export function nextAuditEntry(last: AuditEntry | null, at: number, act: AuditAct): AuditEntry {
  const unsigned = {
    seq: (last?.seq ?? 0) + 1,
    at,
    actor: act.actor,
    act: act.act,
    subject: act.subject,
    details: act.details,
    previous: last?.hash ?? FIRST_PREVIOUS,
  };
  return { ...unsigned, hash: auditHash(unsigned) };
}

/** What the chain looked like at a moment, kept and signed elsewhere. */
export interface AuditCheckpoint {
  /** Hash of the chain's first entry: which chain this is about. */
  readonly chain: string;
  /** The newest entry then, and its hash. */
  readonly seq: number;
  readonly hash: string;
  /** UTC milliseconds. */
  readonly at: number;
}

export type AuditVerdict =
  | {
      readonly sound: true;
      readonly entries: number;
      readonly lastHash: string;
      /** Checkpoints that the chain was held against. */
      readonly checkpoints: number;
    }
  | { readonly sound: false; readonly seq: number; readonly reason: string };

const bad = (seq: number, reason: string): AuditVerdict => ({ sound: false, seq, reason });

/**
 * Walks a chain from its first entry and names the first bad one. Checkpoints show what the chain alone can't: that its tail is gone, or
 * that all of it was written anew; they are in order of `seq`.
 */
export async function verifyAuditChain(
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
  checkpoints: readonly AuditCheckpoint[] = [],
): Promise<AuditVerdict> {
  let expected = 1;
  let previous = FIRST_PREVIOUS;
  let confirmed = 0;
  let next = 0;
  for await (const entry of entries) {
    if (entry.seq !== expected)
      return bad(expected, `entry ${expected} is missing: ${entry.seq} follows ${expected - 1}`);
    if (entry.previous !== previous)
      return bad(entry.seq, 'it does not name the hash of the entry before it');
    if (auditHash(entry) !== entry.hash) return bad(entry.seq, 'its content does not match its hash');
    for (; checkpoints[next]?.seq === entry.seq; next += 1) {
      const { hash, at } = checkpoints[next] as AuditCheckpoint;
      if (hash !== entry.hash)
        return bad(confirmed + 1, `entries ${confirmed + 1} to ${entry.seq} ${rewritten(at)}`);
      confirmed = entry.seq;
    }
    expected += 1;
    previous = entry.hash;
  }
  const beyond = checkpoints[next];
  if (beyond !== undefined) {
    const day = new Date(beyond.at).toISOString();
    return bad(
      expected,
      `the chain was cut: the signed checkpoint of ${day} names entry ${beyond.seq}, the last one here is ${expected - 1}`,
    );
  }
  return { sound: true, entries: expected - 1, lastHash: previous, checkpoints: checkpoints.length };
}

function rewritten(at: number): string {
  return `were written anew: the signed checkpoint of ${new Date(at).toISOString()} names another hash`;
}

function canonicalJson(value: AuditValue): string {
  if (Array.isArray(value)) return `[${value.map((item: AuditValue) => canonicalJson(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = value as AuditDetails;
  const names = Object.keys(fields).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(fields[name] ?? null)}`).join(',')}}`;
}
