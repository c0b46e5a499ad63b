// Anthropic, and servers that speak its Messages API.
import { anthropicMessagesOutbound } from '../../wire/anthropic-messages/outbound.ts';
import { baseUrlOf, httpProvider, joinUrl, type HttpProviderParts } from '../http-provider.ts';
import type { Provider, Target } from '../provider.ts';

const VENDOR_URL = 'https://api.anthropic.com';
const VERSION = '2023-06-01';

/** `base_url` with or without the version that the path begins with. */
function messagesUrl(target: Target): string {
  const base = baseUrlOf(target, VENDOR_URL).replace(/\/v1\/?$/, '');
  return joinUrl(base, '/v1/messages');
}

function headers(target: Target): Record<string, string> {
  const { anthropic_version: version, anthropic_beta: beta, auth } = target.options;
  const key = target.apiKey ?? '';
  const isBearer = auth === 'bearer';
  return {
    'anthropic-version': typeof version === 'string' ? version : VERSION,
    ...(typeof beta === 'string' ? { 'anthropic-beta': beta } : {}),
    ...(key === '' || isBearer ? {} : { 'x-api-key': key }),
    ...(key !== '' && isBearer ? { authorization: `Bearer ${key}` } : {}),
  };
}

/**
 * `kind: anthropic`. Options: `anthropic_version` (default 2023-06-01), `anthropic_beta` (comma-separated), `auth: bearer` for servers that
 * want an OAuth token instead of an API key. There are no embeddings.
 */
export function anthropicProvider(parts: HttpProviderParts): Provider {
  return httpProvider(
    { kind: 'anthropic', shapeOf: () => anthropicMessagesOutbound, chatUrl: messagesUrl, headers },
    parts,
  );
}
