// Rows waiting for the next write: encoded once, straight into one buffer, with those who wait for them.
import type { EndRow } from '../../contract/interaction.ts';
import { frameRoom, writeFrame } from './frame.ts';

export interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

const FIRST_BYTES = 256 * 1024;
/** A buffer that grew over this for one burst is not kept. */
const KEPT_BYTES = 4 * 1024 * 1024;

export class Batch {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #used = 0;
  readonly waiters: Waiter[] = [];
  /** The end rows in this batch. */
  readonly ended: EndRow[] = [];

  get bytes(): number {
    return this.#used;
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  add(text: string): void {
    const needed = this.#used + frameRoom(text);
    if (needed > this.#buffer.length) this.#grow(needed);
    this.#used = writeFrame(this.#buffer, this.#used, text);
  }

  content(): Buffer {
    return this.#buffer.subarray(0, this.#used);
  }

  /** Puts frames in front of what is there (begins carried over into a new segment). */
  prepend(texts: Iterable<string>): void {
    const rest = Buffer.from(this.content());
    this.#used = 0;
    for (const text of texts) this.add(text);
    if (this.#used + rest.length > this.#buffer.length) this.#grow(this.#used + rest.length);
    rest.copy(this.#buffer, this.#used);
    this.#used += rest.length;
  }

  clear(): void {
    this.#used = 0;
    this.waiters.length = 0;
    this.ended.length = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}
