// What a call costs: dated price rows and disjoint usage in, exact dollars out. Pure; knows no catalogue, so that the gateway's hot path
// carries only the rows of its snapshot.
import type { PriceRow, TokenRates } from '../contract/price.ts';
import type { UsageDetail } from '../contract/usage.ts';
import { DAY_MS } from '../kernel/clock.ts';
import { parseUsd, perToken } from '../kernel/money.ts';
import type { Usd } from '../kernel/money.ts';

export interface PricingCircumstances {
  /** When the call began, milliseconds since the epoch, UTC. */
  readonly at: number;
  /** True only for work sent through a vendor's batch API: the row's batch factor applies. (Batch traffic on the ordinary API is full price.) */
  readonly batch?: boolean;
  /** Seconds the call kept a self-hosted model busy; needed by rows with `perHour`. */
  readonly busySeconds?: number;
}

/** Rates of one class set, in atto-dollars a token. */
type ExactRates = { readonly [K in keyof TokenRates]-?: Usd };

const FACTOR_SCALE = 10n ** 18n;
const exactRates = new WeakMap<TokenRates, ExactRates>();

/**
 * The cost in exact dollars; null when no row is in effect at `at` or the row can't price it (an hourly row without busy time): an
 * unknown price is never 0.
 */
export function priceUsage(
  rows: readonly PriceRow[],
  detail: UsageDetail,
  circumstances: PricingCircumstances,
): Usd | null {
  const row = priceRowAt(rows, circumstances.at);
  if (row === null) return null;
  const hourly = hourlyShare(row, circumstances.busySeconds);
  if (hourly === null) return null;
  if (row.rates === null && row.perRequest === null && row.perHour === null) return null;
  let total = hourly;
  const rates = ratesFor(row, detail);
  if (rates !== null) total += priceTokens(rates, detail);
  if (row.perRequest !== null) total += parseUsd(row.perRequest);
  if (row.perWebSearch !== undefined) total += parseUsd(row.perWebSearch) * BigInt(detail.webSearches ?? 0);
  return circumstances.batch === true && row.batchFactor !== null ? times(total, row.batchFactor) : total;
}

/**
 * The row in effect: rows of the workspace before those of the catalogue, then the latest `effectiveFrom` not after `at`, then a row
 * whose hours of the day hold over one without. Null when none is in effect.
 */
export function priceRowAt(rows: readonly PriceRow[], at: number): PriceRow | null {
  let best: PriceRow | null = null;
  for (const row of rows)
    if (startOf(row) <= at && withinHours(row, at) && (best === null || beats(row, best))) best = row;
  return best;
}

function beats(row: PriceRow, best: PriceRow): boolean {
  if (row.source !== best.source) return row.source === 'workspace';
  const later = startOf(row) - startOf(best);
  if (Number.isNaN(later) || later === 0) return row.daily !== undefined && best.daily === undefined;
  return later > 0;
}

/** A date without a time is midnight UTC; since ever is minus infinity. */
function startOf(row: PriceRow): number {
  return row.effectiveFrom === null ? -Infinity : Date.parse(row.effectiveFrom);
}

function withinHours(row: PriceRow, at: number): boolean {
  if (row.daily === undefined) return true;
  const time = ((at % DAY_MS) + DAY_MS) % DAY_MS;
  const from = minutesOf(row.daily.from) * 60_000;
  const until = minutesOf(row.daily.until) * 60_000;
  return from <= until ? time >= from && time < until : time >= from || time < until;
}

function minutesOf(clock: string): number {
  const [hours, minutes] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function ratesFor(row: PriceRow, detail: UsageDetail): ExactRates | null {
  const { input, cache_read, cache_write } = detail.usage;
  const prompt = input + cache_read + cache_write;
  let rates = row.rates;
  let highest = -1;
  for (const tier of row.tiers) {
    if (prompt > tier.above && tier.above > highest) {
      highest = tier.above;
      rates = tier.rates;
    }
  }
  return rates === null ? null : toExact(rates);
}

function toExact(rates: TokenRates): ExactRates {
  const known = exactRates.get(rates);
  if (known !== undefined) return known;
  const rate = (text: string): Usd => perToken(parseUsd(text));
  const { input, output } = rates;
  const cacheRead = rates.cache_read ?? input;
  const cacheWrite = rates.cache_write ?? input;
  const exact: ExactRates = {
    input: rate(input),
    output: rate(output),
    cache_read: rate(cacheRead),
    cache_write: rate(cacheWrite),
    cache_write_1h: rate(rates.cache_write_1h ?? cacheWrite),
    reasoning: rate(rates.reasoning ?? output),
    input_audio: rate(rates.input_audio ?? input),
    input_image: rate(rates.input_image ?? input),
    cache_read_audio: rate(rates.cache_read_audio ?? cacheRead),
    cache_read_image: rate(rates.cache_read_image ?? cacheRead),
    output_audio: rate(rates.output_audio ?? output),
    output_image: rate(rates.output_image ?? output),
  };
  exactRates.set(rates, exact);
  return exact;
}

/** Every token is in one product, so the sum over classes is exact. Parts are kept within the class they are part of. */
function priceTokens(rates: ExactRates, detail: UsageDetail): Usd {
  const { usage, parts = {} } = detail;
  const readAudio = Math.min(parts.cacheReadAudio ?? 0, usage.cache_read);
  const readImage = Math.min(parts.cacheReadImage ?? 0, usage.cache_read - readAudio);
  const inAudio = Math.min(Math.max((parts.inputAudio ?? 0) - readAudio, 0), usage.input);
  const inImage = Math.min(Math.max((parts.inputImage ?? 0) - readImage, 0), usage.input - inAudio);
  const outAudio = Math.min(parts.outputAudio ?? 0, usage.output);
  const outImage = Math.min(parts.outputImage ?? 0, usage.output - outAudio);
  const oneHour = Math.min(detail.cacheWriteOneHour ?? 0, usage.cache_write);
  return (
    rates.input * BigInt(usage.input - inAudio - inImage) +
    rates.input_audio * BigInt(inAudio) +
    rates.input_image * BigInt(inImage) +
    rates.cache_read * BigInt(usage.cache_read - readAudio - readImage) +
    rates.cache_read_audio * BigInt(readAudio) +
    rates.cache_read_image * BigInt(readImage) +
    rates.cache_write * BigInt(usage.cache_write - oneHour) +
    rates.cache_write_1h * BigInt(oneHour) +
    rates.output * BigInt(usage.output - outAudio - outImage) +
    rates.output_audio * BigInt(outAudio) +
    rates.output_image * BigInt(outImage) +
    rates.reasoning * BigInt(usage.reasoning)
  );
}

/** A call's own part of the hourly price, to the microsecond, rounded to the nearest 10^-18 dollar; null when busy time is not known. */
function hourlyShare(row: PriceRow, busySeconds: number | undefined): Usd | null {
  if (row.perHour === null) return 0n;
  if (busySeconds === undefined || !Number.isFinite(busySeconds) || busySeconds < 0) return null;
  const microseconds = BigInt(Math.round(busySeconds * 1e6));
  const hour = 3_600_000_000n;
  return (parseUsd(row.perHour) * microseconds + hour / 2n) / hour;
}

/** An amount times a decimal factor, rounded half up to 10^-18 dollars (exact for the factors vendors have). */
function times(amount: Usd, factor: string): Usd {
  return (amount * parseUsd(factor) + FACTOR_SCALE / 2n) / FACTOR_SCALE;
}
