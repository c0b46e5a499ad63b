// How rows lie in a segment file: an 8-byte magic, then frames of {length u32 LE, CRC-32 u32 LE, a row's text in UTF-8}. A torn or damaged tail
// fails its length or its checksum, so a reader always knows where the whole rows end.
import { crc32 } from 'node:zlib';
import type { SpoolRow } from '../../contract/interaction.ts';
import { readRow, rowText } from './row-text.ts';

export const SEGMENT_MAGIC = Buffer.from('BNSPOOL1', 'latin1');
export const FRAME_HEADER_BYTES = 8;
/** A frame longer than this is damage, not a row. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Writes one row's frame at `offset` and returns the offset after it. `target` must hold `offset + frameRoom(text)` bytes. */
export function writeFrame(target: Buffer, offset: number, text: string): number {
  const start = offset + FRAME_HEADER_BYTES;
  const length = target.write(text, start, 'utf8');
  target.writeUInt32LE(length, offset);
  target.writeUInt32LE(crc32(target.subarray(start, start + length)), offset + 4);
  return start + length;
}

/** Most bytes that the frame of this text can take. */
export function frameRoom(text: string): number {
  return FRAME_HEADER_BYTES + text.length * 3;
}

/** One row as a frame of its own. */
export function encodeFrame(row: SpoolRow): Buffer {
  const text = rowText(row);
  const target = Buffer.allocUnsafe(frameRoom(text));
  return target.subarray(0, writeFrame(target, 0, text));
}

/** Length of the whole frame at `offset`, or 0 where there is no whole, undamaged one. */
export function frameLengthAt(bytes: Buffer, offset: number): number {
  if (offset + FRAME_HEADER_BYTES > bytes.length) return 0;
  const length = bytes.readUInt32LE(offset);
  const end = offset + FRAME_HEADER_BYTES + length;
  if (length === 0 || length > MAX_FRAME_BYTES || end > bytes.length) return 0;
  const sum = crc32(bytes.subarray(offset + FRAME_HEADER_BYTES, end));
  return sum === bytes.readUInt32LE(offset + 4) ? FRAME_HEADER_BYTES + length : 0;
}

/** Bytes from `from` on that are whole, undamaged frames; where this is less than what was given, the rest is torn. */
export function wholeFrames(bytes: Buffer, from = 0): number {
  let offset = from;
  for (;;) {
    const length = frameLengthAt(bytes, offset);
    if (length === 0) return offset;
    offset += length;
  }
}

/** The row of each whole frame. Stops at the first damaged one; `end` says where. */
export function frameRows(bytes: Buffer, from = 0): { rows: SpoolRow[]; end: number } {
  const rows: SpoolRow[] = [];
  let offset = from;
  for (;;) {
    const length = frameLengthAt(bytes, offset);
    if (length === 0) return { rows, end: offset };
    rows.push(readRow(bytes.toString('utf8', offset + FRAME_HEADER_BYTES, offset + length)));
    offset += length;
  }
}
