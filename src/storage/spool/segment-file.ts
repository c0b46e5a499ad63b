// Segment files and their seals. `seg_….spool` holds rows; `seg_….seal` beside it says that it is final: its length and SHA-256.
// A seal appears whole or not at all (written aside, synced, renamed), and a segment is deleted before its seal, so a segment
// without a seal is always the live one or one cut off by a crash.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface Seal {
  readonly gateway: string;
  readonly segment: string;
  /** Length of the file, magic included. */
  readonly bytes: number;
  /** Hex, over the whole file. */
  readonly sha256: string;
  /** UTC milliseconds. */
  readonly sealedAt: number;
}

const SEGMENT_SUFFIX = '.spool';
const SEAL_SUFFIX = '.seal';

export function segmentPath(directory: string, segment: string): string {
  return join(directory, segment + SEGMENT_SUFFIX);
}

function sealPath(directory: string, segment: string): string {
  return join(directory, segment + SEAL_SUFFIX);
}

export interface SegmentsFound {
  readonly sealed: readonly Seal[];
  /** Names, oldest first. */
  readonly unsealed: readonly { readonly segment: string; readonly bytes: number }[];
}

/** Lists what lies in a spool folder, oldest first, and removes leftovers of interrupted deletions and seals. */
export async function findSegments(directory: string): Promise<SegmentsFound> {
  const names = new Set(await readdir(directory));
  for (const name of names) {
    const orphan = name.endsWith(SEAL_SUFFIX) && !names.has(name.replace(/\.seal$/, SEGMENT_SUFFIX));
    if (orphan || name.endsWith('.tmp')) await unlink(join(directory, name));
  }
  const sealed: Seal[] = [];
  const unsealed: { segment: string; bytes: number }[] = [];
  for (const name of [...names].sort()) {
    if (!name.endsWith(SEGMENT_SUFFIX)) continue;
    const segment = name.slice(0, -SEGMENT_SUFFIX.length);
    if (names.has(segment + SEAL_SUFFIX)) {
      sealed.push(JSON.parse(await readFile(sealPath(directory, segment), 'utf8')) as Seal);
    } else {
      unsealed.push({ segment, bytes: (await stat(join(directory, name))).size });
    }
  }
  return { sealed, unsealed };
}

/** Makes a rename, creation or deletion in a folder survive power loss. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a file so that a reader (or a crash) sees the old or the new content, never a part. */
export async function replaceFile(directory: string, name: string, content: string): Promise<void> {
  const aside = join(directory, `${name}.tmp`);
  const handle = await open(aside, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(aside, join(directory, name));
  await syncDirectory(directory);
}

/** What a segment file holds: its length, magic included, and its SHA-256 in hex. */
export type SegmentDigest = Pick<Seal, 'bytes' | 'sha256'>;

/** Of a segment that another process wrote; who writes one itself knows it. */
export async function digestOf(directory: string, segment: string): Promise<SegmentDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(segmentPath(directory, segment))) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Declares a synced, closed segment final. */
export async function sealSegment(
  directory: string,
  named: Pick<Seal, 'gateway' | 'segment' | 'sealedAt'>,
  digest: SegmentDigest,
): Promise<Seal> {
  const { gateway, segment, sealedAt } = named;
  const seal: Seal = { gateway, segment, ...digest, sealedAt };
  await replaceFile(directory, segment + SEAL_SUFFIX, `${JSON.stringify(seal)}\n`);
  return seal;
}

/** Removes a segment and then its seal (in this order, see above). */
export async function removeSegment(directory: string, segment: string): Promise<void> {
  await unlink(segmentPath(directory, segment));
  await unlink(sealPath(directory, segment)).catch(() => undefined);
}

/** Reads `[from, to)` of a segment. */
export async function readSegment(
  directory: string,
  segment: string,
  from: number,
  to: number,
): Promise<Buffer> {
  const handle = await open(segmentPath(directory, segment), 'r');
  try {
    const target = Buffer.allocUnsafe(to - from);
    let read = 0;
    while (read < target.length) {
      const { bytesRead } = await handle.read(target, read, target.length - read, from + read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return target.subarray(0, read);
  } finally {
    await handle.close();
  }
}
