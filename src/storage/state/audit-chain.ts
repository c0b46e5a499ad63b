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

export type AuditVerdict =
  | { readonly sound: true; readonly entries: number; readonly lastHash: string }
  | { readonly sound: false; readonly seq: number; readonly reason: string };

/** Walks a chain from its first entry and names the first bad one. */
export async function verifyAuditChain(
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
): Promise<AuditVerdict> {
  let expected = 1;
  let previous = FIRST_PREVIOUS;
  for await (const entry of entries) {
    if (entry.seq !== expected) {
      return {
        sound: false,
        seq: expected,
        reason: `entry ${expected} is missing: ${entry.seq} follows ${expected - 1}`,
      };
    }
    if (entry.previous !== previous) {
      return { sound: false, seq: entry.seq, reason: 'it does not name the hash of the entry before it' };
    }
    if (auditHash(entry) !== entry.hash) {
      return { sound: false, seq: entry.seq, reason: 'its content does not match its hash' };
    }
    expected += 1;
    previous = entry.hash;
  }
  return { sound: true, entries: expected - 1, lastHash: previous };
}

function canonicalJson(value: AuditValue): string {
  if (Array.isArray(value)) return `[${value.map((item: AuditValue) => canonicalJson(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = value as AuditDetails;
  const names = Object.keys(fields).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(fields[name] ?? null)}`).join(',')}}`;
}
