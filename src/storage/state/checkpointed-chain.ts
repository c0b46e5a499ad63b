// The audit chain held against its signed checkpoints: which of those that a repository keeps are about this chain, and the verdict.
import { type AuditCheckpoint, type AuditEntry, type AuditVerdict, verifyAuditChain } from './audit-chain.ts';
import { fingerprintOf, readCheckpoint } from './audit-seal.ts';

/** Checkpoints of one key as they are kept: its public half and signed lines, oldest first. */
export interface KeptCheckpoints {
  readonly name: string;
  readonly publicKey: string;
  readonly messages: readonly string[];
}

/** An installation's own key: its checkpoints are believed under no other, and belong to the chain whatever they say. */
export type OwnKey = { readonly publicKey: string; readonly fingerprint: string } | null;

type Read = { readonly checkpoints: readonly AuditCheckpoint[] } | { readonly forged: string };

/**
 * With an own key: what is kept under its name. Without one (an exported file): every set whose first checkpoint is about the chain that
 * begins with `first`.
 */
export function checkpointsOf(kept: readonly KeptCheckpoints[], own: OwnKey, first: string | null): Read {
  const all: AuditCheckpoint[] = [];
  for (const { name, publicKey, messages } of kept) {
    if (own !== null && name !== own.fingerprint) continue;
    const key = own?.publicKey ?? publicKey;
    if (fingerprintOf(key) !== name)
      return { forged: `the public key kept with checkpoints ${name} is another` };
    const read = messages.map((message) => readCheckpoint(key, message));
    if (own === null && read[0]?.chain !== first) continue;
    const forged = read.indexOf(null);
    if (forged >= 0)
      return { forged: `the signature of checkpoint ${forged + 1} of ${name} in Git does not hold` };
    all.push(...(read as AuditCheckpoint[]));
  }
  return { checkpoints: all.sort((one, other) => one.seq - other.seq) };
}

/** The verdict on a chain that can be walked twice (its first entry is looked at first). */
export async function verifyCheckpointed(
  entries: () => AsyncIterable<AuditEntry>,
  kept: readonly KeptCheckpoints[],
  own: OwnKey,
): Promise<AuditVerdict> {
  let first: string | null = null;
  for await (const entry of entries()) {
    first = entry.hash;
    break;
  }
  const read = checkpointsOf(kept, own, first);
  if ('forged' in read) {
    const verdict = await verifyAuditChain(entries());
    return verdict.sound ? { sound: false, seq: 1, reason: read.forged } : verdict;
  }
  return verifyAuditChain(entries(), read.checkpoints);
}
