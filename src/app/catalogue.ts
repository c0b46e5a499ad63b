// The shipped price list as the workspace asks for it.
import { cataloguePrices, vendorOfBaseUrl } from '../models/catalogue.ts';
import type { CataloguePrices } from '../workspace/catalogue-prices.ts';

/** A base URL tells the vendor where one kind of wire serves many. */
export const shippedPrices: CataloguePrices = ({ kind, baseUrl }, upstreamModel) =>
  cataloguePrices((baseUrl === '' ? undefined : vendorOfBaseUrl(baseUrl)) ?? kind, upstreamModel);
