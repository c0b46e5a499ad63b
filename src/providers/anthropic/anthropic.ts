// Anthropic, and servers that speak its Messages API.
import type { CanonicalRequest } from '../../contract/canonical.ts';
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

/** What the operator turns on, then what the caller does, each once. */
function betasFor(configured: unknown, request: CanonicalRequest | undefined): string[] {
  const own = typeof configured === 'string' ? configured.split(',').map((name) => name.trim()) : [];
  const asked = request?.shape === 'anthropic-messages' ? (request.betas ?? []) : [];
  return [...new Set([...own, ...asked])].filter((name) => name !== '');
}

function headers(target: Target, request?: CanonicalRequest): Record<string, string> {
  const { anthropic_version: version, anthropic_beta: configured, auth } = target.options;
  const key = target.apiKey ?? '';
  const isBearer = auth === 'bearer';
  const betas = betasFor(configured, request);
  return {
    'anthropic-version': typeof version === 'string' ? version : VERSION,
    ...(betas.length === 0 ? {} : { 'anthropic-beta': betas.join(',') }),
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
