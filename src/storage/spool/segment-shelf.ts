// Which segments there are, how far each is acknowledged, and what of them may be ingested.
import { SEGMENT_MAGIC, wholeFrames } from './frame.ts';
import { type Seal, readSegment, removeSegment } from './segment-file.ts';
import type { SegmentWriter } from './segment-writer.ts';
import type { SpoolFigures, SpoolRange } from './spool-options.ts';

const HEAD = SEGMENT_MAGIC.length;

/** Milliseconds at which a segment of this name was opened. */
function openedAt(segment: string): number {
  return Number.parseInt(segment.slice(4, 16), 16);
}

export class SegmentShelf {
  readonly #directory: string;
  readonly #gateway: string;
  readonly #sealed = new Map<string, Seal>();
  /** Closed or closing, not sealed yet. */
  readonly #retired = new Map<string, SegmentWriter>();
  readonly #acknowledged = new Map<string, number>();
  #live: SegmentWriter | null = null;
  #sealedBytes = 0;
  #newestAt = 0;

  constructor(directory: string, gateway: string, sealed: readonly Seal[]) {
    this.#directory = directory;
    this.#gateway = gateway;
    for (const seal of sealed) this.addSealed(seal);
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#sealedBytes + this.#unsealed().reduce((sum, writer) => sum + writer.written, 0);
  }

  /** When the newest segment was opened; a new one must be named later, whatever the clock does. */
  newestAt(): number {
    return this.#newestAt;
  }

  noteName(segment: string): void {
    this.#newestAt = Math.max(this.#newestAt, openedAt(segment));
  }

  setLive(writer: SegmentWriter): void {
    this.noteName(writer.segment);
    this.#live = writer;
  }

  retire(writer: SegmentWriter): void {
    if (this.#live === writer) this.#live = null;
    this.#retired.set(writer.segment, writer);
  }

  addSealed(seal: Seal): void {
    this.noteName(seal.segment);
    this.#retired.delete(seal.segment);
    this.#sealed.set(seal.segment, seal);
    this.#sealedBytes += seal.bytes;
  }

  /** Oldest first. Finding where a range of a long segment ends means reading it: no more are found than `most`. */
  async ranges(maxBytes: number, most: number): Promise<SpoolRange[]> {
    const ranges: SpoolRange[] = [];
    for (const seal of this.#sealed.values()) {
      if (ranges.length >= most) return ranges;
      ranges.push(await this.#rangeOf(seal.segment, seal.bytes, maxBytes, seal.sha256));
    }
    for (const writer of this.#unsealed()) {
      if (ranges.length >= most) return ranges;
      const range = await this.#rangeOf(writer.segment, writer.written, maxBytes, null);
      if (range.to > range.from) ranges.push(range);
    }
    return ranges;
  }

  read(range: SpoolRange): Promise<Buffer> {
    return readSegment(this.#directory, range.segment, range.from, range.to);
  }

  async acknowledge(segment: string, to: number): Promise<void> {
    // What the console says counts, also when it is less than before (a restored backup).
    this.#acknowledged.set(segment, Math.max(to, HEAD));
    const seal = this.#sealed.get(segment);
    if (seal === undefined || to < seal.bytes) return;
    this.#sealed.delete(segment);
    this.#acknowledged.delete(segment);
    this.#sealedBytes -= seal.bytes;
    await removeSegment(this.#directory, segment);
  }

  figures(): Pick<SpoolFigures, 'segments' | 'bytes' | 'unacknowledgedBytes' | 'oldestUnacknowledgedAt'> {
    const lengths: [string, number][] = [
      ...[...this.#sealed.values()].map((seal): [string, number] => [seal.segment, seal.bytes]),
      ...this.#unsealed().map((writer): [string, number] => [writer.segment, writer.written]),
    ];
    const lagging = lengths.filter(([segment, bytes]) => bytes > this.#from(segment));
    return {
      segments: lengths.length,
      bytes: this.bytes,
      unacknowledgedBytes: lagging.reduce((sum, [segment, bytes]) => sum + bytes - this.#from(segment), 0),
      oldestUnacknowledgedAt:
        lagging.length === 0 ? null : Math.min(...lagging.map(([segment]) => openedAt(segment))),
    };
  }

  #unsealed(): SegmentWriter[] {
    const writers = [...this.#retired.values()];
    if (this.#live !== null) writers.push(this.#live);
    return writers;
  }

  #from(segment: string): number {
    return this.#acknowledged.get(segment) ?? HEAD;
  }

  async #rangeOf(segment: string, end: number, maxBytes: number, sha256: string | null): Promise<SpoolRange> {
    const from = Math.min(this.#from(segment), end);
    const to = end - from <= maxBytes ? end : await this.#cut(segment, from, end, maxBytes);
    return { gateway: this.#gateway, segment, from, to, sha256: to === end ? sha256 : null };
  }

  /** The last row boundary within `maxBytes`; grows until one row fits. */
  async #cut(segment: string, from: number, end: number, maxBytes: number): Promise<number> {
    for (let size = maxBytes; ; size *= 2) {
      const bytes = await readSegment(this.#directory, segment, from, Math.min(end, from + size));
      const whole = wholeFrames(bytes);
      if (whole > 0 || from + size >= end) return from + whole;
    }
  }
}
