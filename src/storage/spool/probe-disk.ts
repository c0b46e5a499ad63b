// Finds out whether a folder's disk takes bytes again after it refused them.
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { SegmentCalls } from './segment-writer.ts';

const PROBE_BYTES = 256 * 1024;

/** Resolves when a file of 256 KiB could be written and synced; rejects with the reason otherwise. Leaves nothing behind. */
export async function probeDisk(directory: string, calls: SegmentCalls): Promise<void> {
  const path = join(directory, 'probe.tmp');
  const descriptor = openSync(path, 'w');
  try {
    const bytes = Buffer.alloc(PROBE_BYTES);
    let done = 0;
    while (done < bytes.length) done += await calls.write(descriptor, bytes, done, bytes.length - done, done);
    await calls.synchronise(descriptor);
  } finally {
    closeSync(descriptor);
    unlinkSync(path);
  }
}
