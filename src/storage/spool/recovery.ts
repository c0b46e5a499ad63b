// What a gateway does with the segments a crash left unsealed: cut the torn tail, find interactions that began and never ended.
import { open, readFile } from 'node:fs/promises';
import type { BeginRow } from '../../contract/interaction.ts';
import { SEGMENT_MAGIC, frameRows } from './frame.ts';
import { segmentPath } from './segment-file.ts';

export interface Recovered {
  /** Begun, not ended in any unsealed segment. */
  readonly open: readonly BeginRow[];
  /** Bytes cut off torn tails. */
  readonly cutBytes: number;
}

/**
 * Reads unsealed segments (oldest first), truncates each to its whole rows and pairs begins with ends. Only unsealed segments
 * need to be read: a segment is sealed only after its open begins were written again at the head of the next one.
 */
export async function recoverSegments(directory: string, segments: readonly string[]): Promise<Recovered> {
  const begun = new Map<string, BeginRow>();
  const ended = new Set<string>();
  let cutBytes = 0;
  for (const segment of segments) {
    const path = segmentPath(directory, segment);
    const bytes = await readFile(path);
    const sound = bytes.subarray(0, SEGMENT_MAGIC.length).equals(SEGMENT_MAGIC);
    const { rows, end } = sound
      ? frameRows(bytes, SEGMENT_MAGIC.length)
      : { rows: [], end: SEGMENT_MAGIC.length };
    for (const row of rows) {
      if (row.row === 'begin') begun.set(row.id, row);
      else if (row.row === 'end') ended.add(row.id);
    }
    if (!sound || end < bytes.length) cutBytes += await cutTail(path, sound, end, bytes.length);
  }
  return { open: [...begun.values()].filter((begin) => !ended.has(begin.id)), cutBytes };
}

async function cutTail(path: string, sound: boolean, end: number, length: number): Promise<number> {
  const handle = await open(path, 'r+');
  try {
    await handle.truncate(sound ? end : 0);
    if (!sound) await handle.write(SEGMENT_MAGIC, 0, SEGMENT_MAGIC.length, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return Math.max(0, length - (sound ? end : 0));
}
