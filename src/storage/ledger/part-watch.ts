// Parts whose files are not what the store wrote down of them. A disk that is full at the wrong moment leaves a joined part with an empty
// file, and what it was joined from is removed some seconds later: until then a new start of the store sets it aside and takes the old ones.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Well within the time that merged parts are kept (see engine-configuration.ts). */
const LOOK_EVERY_MS = 4_000;
/** Seconds back from now that a look reaches, more than between two looks. */
const LOOK_BACK = 30;
/** Files that the store's own sum of a part leaves out. */
const NOT_IN_SUM = new Set([
  'checksums.txt',
  'columns.txt',
  'columns_substreams.txt',
  'default_compression_codec.txt',
  'metadata_version.txt',
]);
/**
 * What the store says when it reads such a part: read after the end, not all data, a wrong checksum, a wrong size, a missing file,
 * corrupted data (ClickHouse, ErrorCodes.cpp).
 */
const BROKEN = /^Code: (?:32|33|40|75|107|226|246)\b[^]*\(while reading from part ([^ ]+)/;

/** The part that a failure is about; undefined where it is about no broken part. */
export function brokenPart(message: string): string | undefined {
  return BROKEN.exec(message)?.[1];
}

/** A joined part as the store knows it. */
export interface JoinedPart {
  readonly path: string;
  readonly bytes: number;
}

/** What the watch asks: the store's active joined parts of the last seconds. */
export type JoinedParts = (seconds: number) => Promise<readonly JoinedPart[]>;

async function isShort({ path, bytes }: JoinedPart): Promise<boolean> {
  try {
    const names = (await readdir(path)).filter((name) => !NOT_IN_SUM.has(name));
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0) < bytes;
  } catch {
    // Joined further meanwhile, and gone.
    return false;
  }
}

/** Looks at new joined parts until the process ends; tells of the first that is short. */
export function watchParts(joined: JoinedParts, onBroken: (part: string) => void): void {
  let known = new Set<string>();
  let isLooking = false;
  const look = async (): Promise<void> => {
    const parts = await joined(LOOK_BACK);
    const seen = new Set(parts.map(({ path }) => path));
    for (const part of parts) if (!known.has(part.path) && (await isShort(part))) onBroken(part.path);
    known = seen;
  };
  setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      // The store is on its way out, or so busy that it says so to all who ask.
      .catch(() => undefined)
      .finally(() => (isLooking = false));
  }, LOOK_EVERY_MS).unref();
}
