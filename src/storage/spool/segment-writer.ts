// One open segment file: writes whole batches at its end, takes a failed one back, and never leaves a part of it. What is written is hashed
// as it is written: reading 16 MiB back for the seal would cost every gateway that serves meanwhile, in time and in garbage.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { SEGMENT_MAGIC } from './frame.ts';
import { segmentPath, syncDirectory, type SegmentDigest } from './segment-file.ts';

/** The system calls that may fail for want of space; handed in so that a test can make them fail. */
export interface SegmentCalls {
  write(descriptor: number, bytes: Buffer, offset: number, length: number, position: number): Promise<number>;
  synchronise(descriptor: number): Promise<void>;
  truncate(descriptor: number, length: number): Promise<void>;
}

export const segmentCalls: SegmentCalls = {
  write: (descriptor, bytes, offset, length, position) =>
    new Promise((resolve, reject) => {
      fs.write(descriptor, bytes, offset, length, position, (error, written) => {
        if (error === null) resolve(written);
        else reject(error);
      });
    }),
  synchronise: (descriptor) =>
    new Promise((resolve, reject) => {
      fs.fdatasync(descriptor, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    }),
  truncate: (descriptor, length) =>
    new Promise((resolve, reject) => {
      fs.ftruncate(descriptor, length, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    }),
};

export interface SegmentWriter {
  readonly segment: string;
  /** Length of the whole rows written. */
  readonly written: number;
  /** Appends a batch, whole or not at all; with `durable` it is on the disk when this resolves. */
  append(bytes: Buffer, durable: boolean): Promise<void>;
  /** Syncs and closes; the file is then ready to be sealed as what is returned. Called once. */
  close(): Promise<SegmentDigest>;
  /** Removes a segment that holds no row. */
  discard(): void;
}

/** Creates a new segment file; throws when there is no room for it. Only where it is `durable` its name survives power loss from now on. */
export async function createSegment(
  directory: string,
  segment: string,
  { calls, durable }: { readonly calls: SegmentCalls; readonly durable: boolean },
): Promise<SegmentWriter> {
  const path = segmentPath(directory, segment);
  const descriptor = fs.openSync(path, 'wx');
  try {
    await writeAll(calls, descriptor, SEGMENT_MAGIC, 0);
    if (durable) {
      await calls.synchronise(descriptor);
      await syncDirectory(directory);
    }
  } catch (error) {
    fs.closeSync(descriptor);
    fs.unlinkSync(path);
    throw error;
  }
  let written = SEGMENT_MAGIC.length;
  let hash = createHash('sha256').update(SEGMENT_MAGIC);
  return {
    segment,
    get written() {
      return written;
    },
    async append(bytes, durable) {
      const writing = writeAll(calls, descriptor, bytes, written);
      // While the system writes: those who wait for the write do not wait for this as well.
      const before = hash.copy();
      hash.update(bytes);
      try {
        await writing;
        if (durable) await calls.synchronise(descriptor);
      } catch (error) {
        hash = before;
        // Where even this fails, closing tries again, and a start after a crash cuts what is torn.
        await calls.truncate(descriptor, written).catch(() => undefined);
        throw error;
      }
      written += bytes.length;
    },
    async close() {
      try {
        await calls.truncate(descriptor, written);
        await calls.synchronise(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
      return { bytes: written, sha256: hash.digest('hex') };
    },
    discard() {
      fs.closeSync(descriptor);
      fs.unlinkSync(path);
    },
  };
}

async function writeAll(
  calls: SegmentCalls,
  descriptor: number,
  bytes: Buffer,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    done += await calls.write(descriptor, bytes, done, bytes.length - done, position + done);
  }
}
