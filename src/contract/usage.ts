// Usage as one record of disjoint classes, whatever the vendor's convention.
import { z } from 'zod';

const count = z.number().int().nonnegative();

/**
 * Tokens of one attempt, in disjoint classes that add up to all tokens billed: `input` without cache reads and writes (tool-use
 * prompt tokens included), `output` without `reasoning`.
 */
export const usageSchema = z.object({
  input: count,
  cache_read: count,
  cache_write: count,
  output: count,
  reasoning: count,
});
export type Usage = z.infer<typeof usageSchema>;

/** The part of `cache_write` that is kept for an hour, where a vendor bills it apart (Anthropic). Beside, never inside, `Usage`. */
export interface UsageDetail {
  readonly usage: Usage;
  readonly cacheWriteOneHour?: number;
  /** The vendor's own usage object, as received. */
  readonly raw: unknown;
}
