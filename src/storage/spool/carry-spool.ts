// Carries what is in a spool to wherever it is ingested: one pass over its ranges, acknowledging what arrived.
import type { Spool } from './spool.ts';
import type { SpoolRange } from './spool-options.ts';

/** Sends one range; the answer says up to where the segment is in the ledger, and how far the next push must reach at least. */
export type PushRange = (
  range: SpoolRange,
  bytes: Buffer,
) => Promise<{ readonly acknowledged: number; readonly needs: number | null }>;

/**
 * Pushes each range once, oldest first, and returns the bytes that were taken; 0 means nothing is left for now. Rejects with what
 * `push` rejected with: call again later, nothing is lost and nothing is sent twice into the ledger.
 */
export async function carrySpool(spool: Spool, push: PushRange, maxBytes?: number): Promise<number> {
  let taken = 0;
  for (const range of await spool.ranges(maxBytes)) {
    let answer = await push(range, await spool.read(range));
    if (answer.needs !== null && answer.needs > range.to) {
      const whole = (await spool.ranges(answer.needs - range.from)).find(
        (other) => other.segment === range.segment && other.to >= (answer.needs ?? 0),
      );
      if (whole === undefined) continue;
      answer = await push(whole, await spool.read(whole));
    }
    await spool.acknowledge(range.segment, answer.acknowledged);
    taken += Math.max(0, answer.acknowledged - range.from) + (range.from === range.to ? 1 : 0);
  }
  return taken;
}
