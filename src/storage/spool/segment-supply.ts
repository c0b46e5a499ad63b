// New segment files, the next one made ready before it is needed: creating a file and making its name safe takes several waits for the
// disk, and nobody whose row is next should stand through them.
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import { createSegment, type SegmentCalls, type SegmentWriter } from './segment-writer.ts';

export interface SupplyOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly calls: SegmentCalls;
  /** Whether names must survive power loss, not only the end of the process. */
  readonly durable: boolean;
}

export class SegmentSupply {
  readonly #options: SupplyOptions;
  #newestAt = 0;
  /** Null inside: there was no room for it. */
  #prepared: Promise<SegmentWriter | null> | null = null;

  constructor(options: SupplyOptions) {
    this.#options = options;
  }

  /** A segment opened after all others, whatever the clock does: `after` is when the newest of them was. Throws when there is no room. */
  async next(after: number): Promise<SegmentWriter> {
    const prepared = await this.#prepared;
    this.#prepared = null;
    return prepared ?? this.#create(after);
  }

  /** Makes the next one ready, if it is not. */
  prepare(after: number): void {
    this.#prepared ??= this.#create(after).catch(() => null);
  }

  /** Removes what was made ready and is not needed. */
  async close(): Promise<void> {
    const prepared = await this.#prepared;
    this.#prepared = null;
    prepared?.discard();
  }

  #create(after: number): Promise<SegmentWriter> {
    const { directory, clock, calls, durable } = this.#options;
    this.#newestAt = Math.max(clock.now(), after + 1, this.#newestAt + 1);
    return createSegment(directory, newId('seg', this.#newestAt), { calls, durable });
  }
}
