// One price of the catalogue (binary floats by unit) as one price row (exact decimals by class).
import type { ModelPrice, TieredPrices } from '@pydantic/genai-prices';
import type { PriceRow, TokenRates } from '../contract/price.ts';

/** Our class → the catalogue's unit, US$ per million tokens. */
const UNITS = {
  cache_read: 'cache_read_mtok',
  cache_write: 'cache_write_mtok',
  cache_write_1h: 'cache_write_1h_mtok',
  reasoning: 'output_reasoning_mtok',
  input_audio: 'input_audio_mtok',
  input_image: 'input_image_mtok',
  cache_read_audio: 'cache_audio_read_mtok',
  cache_read_image: 'cache_image_read_mtok',
  output_audio: 'output_audio_mtok',
  output_image: 'output_image_mtok',
} as const satisfies Partial<Record<keyof TokenRates, string>>;

/** Null when the model is billed by neither tokens nor requests (by the page or the hour of sound): its price is not known here. */
export function priceRowOf(
  price: ModelPrice,
  row: Pick<PriceRow, 'effectiveFrom' | 'batchFactor'>,
): PriceRow | null {
  const byTokens = price['input_mtok'] !== undefined || price['output_mtok'] !== undefined;
  const perRequest = perThousand(price['requests_kcount']);
  if (!byTokens && perRequest === null) return null;
  const perWebSearch = perThousand(price['web_searches_kcount']);
  return {
    ...row,
    rates: byTokens ? ratesAbove(price, 0) : null,
    tiers: byTokens ? tierStarts(price).map((above) => ({ above, rates: ratesAbove(price, above + 1) })) : [],
    perRequest,
    ...(perWebSearch === null ? {} : { perWebSearch }),
    perHour: null,
    source: 'catalogue',
  };
}

function tierStarts(price: ModelPrice): number[] {
  const starts = Object.values(price).flatMap((value) =>
    isTiered(value) ? value.tiers.map((tier) => tier.start) : [],
  );
  return [...new Set(starts)].sort((a, b) => a - b);
}

/** The rates for a prompt of `tokens` tokens: a tier holds for prompts with more tokens than its start. */
function ratesAbove(price: ModelPrice, tokens: number): TokenRates {
  const at = (unit: string): string | undefined => {
    const value = price[unit];
    if (value === undefined) return undefined;
    if (!isTiered(value)) return exactDecimal(value);
    const reached = value.tiers.filter((tier) => tokens > tier.start);
    return exactDecimal(
      reached.reduce((best, tier) => (tier.start >= best.start ? tier : best), {
        start: -1,
        price: value.base,
      }).price,
    );
  };
  const optional = Object.entries(UNITS).flatMap(([name, unit]) => {
    const rate = at(unit);
    return rate === undefined ? [] : [[name, rate] as const];
  });
  return {
    input: at('input_mtok') ?? '0',
    output: at('output_mtok') ?? '0',
    ...Object.fromEntries(optional),
  };
}

/** Also plain objects of the same form, in case the package stops wrapping them. */
function isTiered(value: number | TieredPrices | undefined): value is TieredPrices {
  return typeof value === 'object';
}

function perThousand(value: number | TieredPrices | undefined): string | null {
  return typeof value === 'number' ? exactDecimal(value / 1000) : null;
}

/** The decimal a float was meant as: 12 significant digits, so that 0.5900000000000001 is "0.59"; at most 12 decimals. */
export function exactDecimal(value: number): string {
  const match = /^(\d)\.(\d+)e([+-]\d+)$/.exec(value.toExponential(11));
  if (match === null) throw new RangeError(`${value} is not a price`);
  const digits = `${match[1]}${match[2]}`;
  const point = 1 + Number(match[3]);
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const split = Math.max(point, 1);
  const decimals = padded.slice(split).slice(0, 12).replace(/0+$/, '');
  return decimals === '' ? padded.slice(0, split) : `${padded.slice(0, split)}.${decimals}`;
}
