// Signed checkpoints of the audit chain: Ed25519, the private key in the data folder, the text they stand in readable by anyone.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { AuditCheckpoint } from './audit-chain.ts';

/** Name of the private key's file in the data folder (mode 0600). */
export const AUDIT_KEY_FILE = 'audit-key.pem';

export interface AuditKey {
  readonly privateKey: string;
  readonly publicKey: string;
  /** First 16 hex digits of the public key's SHA-256. */
  readonly fingerprint: string;
}

export function fingerprintOf(publicKey: string): string {
  return createHash('sha256').update(publicKey.trim()).digest('hex').slice(0, 16);
}

/** The key in this file, made when there is none yet. */
export function openAuditKey(path: string): AuditKey {
  if (!existsSync(path)) {
    const made = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(path, made, { mode: 0o600, flag: 'wx', flush: true });
  }
  const privateKey = readFileSync(path, 'utf8');
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return { privateKey, publicKey, fingerprint: fingerprintOf(publicKey) };
}

const checkpointSchema = z.object({
  chain: z.string(),
  seq: z.number().int().positive(),
  hash: z.string(),
  at: z.number(),
  signature: z.string(),
});

function signedBytes({ chain, seq, hash, at }: AuditCheckpoint): Buffer {
  return Buffer.from(`binnacle audit checkpoint\n${JSON.stringify([chain, seq, hash, at])}`);
}

/** The checkpoint as one line of JSON with its signature. */
export function sealCheckpoint(key: AuditKey, checkpoint: AuditCheckpoint): string {
  const signature = sign(null, signedBytes(checkpoint), createPrivateKey(key.privateKey)).toString('base64');
  return JSON.stringify({ ...checkpoint, signature });
}

/** Reads a line that `sealCheckpoint` wrote; null when it is none or its signature does not hold under this key. */
export function readCheckpoint(publicKey: string, line: string): AuditCheckpoint | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = checkpointSchema.safeParse(value);
  if (!parsed.success) return null;
  const { signature, ...checkpoint } = parsed.data;
  const holds = verify(
    null,
    signedBytes(checkpoint),
    createPublicKey(publicKey),
    Buffer.from(signature, 'base64'),
  );
  return holds ? checkpoint : null;
}
