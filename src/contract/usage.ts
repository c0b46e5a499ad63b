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

/** Tokens of sound and pictures, where a vendor tells them and some models bill them apart. Each is a part of the class it names. */
export interface UsageParts {
  /** Part of input and cache reads together, as vendors count it. */
  readonly inputAudio?: number;
  readonly inputImage?: number;
  readonly cacheReadAudio?: number;
  readonly cacheReadImage?: number;
  readonly outputAudio?: number;
  readonly outputImage?: number;
}

/** The part of `cache_write` that is kept for an hour, where a vendor bills it apart (Anthropic). Beside, never inside, `Usage`. */
export interface UsageDetail {
  readonly usage: Usage;
  readonly cacheWriteOneHour?: number;
  readonly parts?: UsageParts;
  /** Searches the vendor ran for the answer and bills by the piece. */
  readonly webSearches?: number;
  /** The vendor's own usage object, as received. */
  readonly raw: unknown;
}
