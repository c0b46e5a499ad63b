// One provider a row of compatible vendors.
import { openaiChatOutboundOf } from '../../wire/openai-chat/outbound.ts';
import { baseUrlOf, httpProvider, joinUrl, type HttpProviderParts } from '../http-provider.ts';
import type { Provider } from '../provider.ts';
import { refusingShape } from '../refusing-shape.ts';
import { COMPATIBLE_VENDORS, type CompatibleVendor } from './vendors.ts';

/** The provider of one row. The vendor's own address serves where models.yaml sets none. */
export function compatibleProvider(vendor: CompatibleVendor, parts: HttpProviderParts): Provider {
  const shape = refusingShape(openaiChatOutboundOf(vendor.dialect), vendor.dialect.name, vendor.lacks);
  return httpProvider(
    {
      kind: vendor.kind,
      shapeOf: () => shape,
      chatUrl: (target) => joinUrl(baseUrlOf(target, vendor.baseUrl), '/chat/completions'),
      ...(vendor.embeddings
        ? { embeddingsUrl: (target) => joinUrl(baseUrlOf(target, vendor.baseUrl), '/embeddings') }
        : {}),
      headers: (target) =>
        target.apiKey === undefined || target.apiKey === ''
          ? {}
          : { authorization: `Bearer ${target.apiKey}` },
    },
    parts,
  );
}

/** All of them. */
export function compatibleProviders(parts: HttpProviderParts): readonly Provider[] {
  return COMPATIBLE_VENDORS.map((vendor) => compatibleProvider(vendor, parts));
}
