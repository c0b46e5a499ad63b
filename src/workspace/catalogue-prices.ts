// How the workspace asks for prices of the shipped catalogue: handed in, since the catalogue is another room's.
import type { PriceRow } from '../contract/price.ts';
import type { ProviderFile } from './schemas/models.ts';

/** What tells the vendor: the provider's kind, and its address where one kind of wire serves many vendors (empty: the kind's own). */
export interface CatalogueProvider {
  readonly kind: string;
  readonly baseUrl: string;
}

/** Rows for what a vendor calls a model; empty when the catalogue has none. */
export type CataloguePrices = (provider: CatalogueProvider, upstreamModel: string) => readonly PriceRow[];

export function catalogueProvider(provider: ProviderFile): CatalogueProvider {
  return { kind: provider.kind, baseUrl: provider.base_url ?? '' };
}
