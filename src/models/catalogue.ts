// The shipped price list: `@pydantic/genai-prices` read once into exact price rows. Loaded when a workspace is compiled and by the command
// line, never while serving.
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import type { ConditionalPrice, ModelInfo } from '@pydantic/genai-prices';
import type { PriceRow } from '../contract/price.ts';
import { priceRowOf } from './catalogue-rates.ts';

/** Names of ours and of other tools for a vendor of the catalogue. */
const VENDOR_ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    gemini: 'google',
    vertex: 'google',
    vertex_ai: 'google',
    'google-vertex': 'google',
    'google-generative-ai': 'google',
    'google-generate-content': 'google',
    'openai-chat': 'openai',
    'openai-responses': 'openai',
    'anthropic-messages': 'anthropic',
    'azure-openai': 'azure',
    azure_openai: 'azure',
    xai: 'x-ai',
    bedrock: 'aws',
    'amazon-bedrock': 'aws',
    moonshot: 'moonshotai',
    mistralai: 'mistral',
  }),
);

/** Kinds of server, not vendors: the catalogue's own guess (OpenAI's list prices) would be wrong for them. */
const NO_VENDOR: ReadonlySet<string> = new Set(['openai-compatible', 'local', 'replay']);

/**
 * What vendors charge for their batch API as a share of the list price, as their price pages state; the catalogue does not hold it.
 */
const BATCH_FACTOR: ReadonlyMap<string, string> = new Map(
  Object.entries({
    openai: '0.5',
    azure: '0.5',
    anthropic: '0.5',
    google: '0.5',
    mistral: '0.5',
    groq: '0.5',
  }),
);

const known = new Map<string, readonly PriceRow[]>();
const MAX_KNOWN = 5_000;

/**
 * Price rows of a model by its vendor (`openai`, `anthropic`, `google`, `azure`, `x-ai`, …, common aliases understood) and the name the
 * vendor knows it by. Empty when either is unknown or the model is not priced by tokens or requests.
 */
export function cataloguePrices(vendor: string, upstreamModel: string): readonly PriceRow[] {
  const key = `${vendor}\n${upstreamModel}`;
  let rows = known.get(key);
  if (rows === undefined) {
    rows = readRows(vendor, upstreamModel);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, rows);
  }
  return rows;
}

/** The catalogue's vendor behind a base URL; undefined for servers it does not know. */
export function vendorOfBaseUrl(url: string): string | undefined {
  return findProvider({ providerApiUrl: url })?.id;
}

function findModel(vendor: string, upstreamModel: string): { model: ModelInfo; vendor: string } | null {
  const name = vendor.toLowerCase().trim();
  if (NO_VENDOR.has(name) || name === 'litellm') return null;
  const provider = findProvider({ providerId: VENDOR_ALIASES.get(name) ?? name });
  if (provider === undefined) return null;
  const found = calcPrice({}, upstreamModel, { provider });
  return found === null ? null : { model: found.model, vendor: provider.id };
}

function readRows(vendor: string, upstreamModel: string): readonly PriceRow[] {
  const found = findModel(vendor, upstreamModel);
  if (found === null) return [];
  const { prices } = found.model;
  const listed: readonly ConditionalPrice[] = Array.isArray(prices) ? prices : [{ prices }];
  const batchFactor = BATCH_FACTOR.get(found.vendor) ?? null;
  const rows: PriceRow[] = [];
  let effectiveFrom: string | null = null;
  for (const { constraint, prices: price } of listed) {
    if (constraint?.type === 'start_date') effectiveFrom = constraint.start_date;
    const row = priceRowOf(price, { effectiveFrom, batchFactor });
    if (row === null) continue;
    rows.push(
      constraint?.type === 'time_of_date'
        ? { ...row, daily: { from: hours(constraint.start_time), until: hours(constraint.end_time) } }
        : row,
    );
  }
  return rows;
}

/** `00:30:00Z` → `00:30`. */
function hours(time: string): string {
  return time.slice(0, 5);
}
