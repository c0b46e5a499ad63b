// Prices as data: rows by the date they take effect. All amounts are decimal strings of US$.
import { z } from 'zod';

const amount = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, 'a decimal in quotes, such as "0.075"');

/** US$ per million tokens of each class. A class without a rate of its own is billed as named beside it. */
export const tokenRatesSchema = z.strictObject({
  input: amount,
  output: amount,
  /** Absent: as `input`. */
  cache_read: amount.optional(),
  /** Absent: as `input`. */
  cache_write: amount.optional(),
  /** Cache writes kept for an hour. Absent: as `cache_write`. */
  cache_write_1h: amount.optional(),
  /** Absent: as `output`. */
  reasoning: amount.optional(),
  /** Sound and pictures. Absent: as the class they are part of. */
  input_audio: amount.optional(),
  input_image: amount.optional(),
  cache_read_audio: amount.optional(),
  cache_read_image: amount.optional(),
  output_audio: amount.optional(),
  output_image: amount.optional(),
});
export type TokenRates = z.infer<typeof tokenRatesSchema>;

/** One price of one model from a date on. */
export interface PriceRow {
  /** ISO date or date-time, UTC; null: since ever. */
  readonly effectiveFrom: string | null;
  /** Hours of the day, UTC, `HH:MM` each, in which this row stands in for the one without hours (DeepSeek's peak rates). */
  readonly daily?: { readonly from: string; readonly until: string };
  readonly rates: TokenRates | null;
  /** Other rates once the whole prompt (input + cache) has more tokens than `above`, highest matching tier wins. */
  readonly tiers: readonly { readonly above: number; readonly rates: TokenRates }[];
  /** US$ per request, beside tokens. */
  readonly perRequest: string | null;
  /** US$ per search the vendor runs for an answer, beside tokens. Absent: searches are not billed apart. */
  readonly perWebSearch?: string;
  /** US$ per hour of a self-hosted model, shared out over its requests by busy time. */
  readonly perHour: string | null;
  /** Factor on everything for batch work ("0.5"). */
  readonly batchFactor: string | null;
  readonly source: 'workspace' | 'catalogue';
}
