// API keys: how one is made, the hash that stands for it, and what its roles allow. The key itself is shown once and kept nowhere.
import { createHmac, randomBytes } from 'node:crypto';

/** Marks our keys, so that secret scanners and people know one when they see it. */
export const KEY_PREFIX = 'bnk_';

/** `call`: the gateway's model endpoints and feedback. `read`: the console API, confined to what the key itself did. */
export const KEY_ROLES = ['call', 'read'] as const;
export type KeyRole = (typeof KEY_ROLES)[number];

/** A new key: the prefix and 256 random bits, base64url. */
export function newApiKey(): string {
  return KEY_PREFIX + randomBytes(32).toString('base64url');
}

/** HMAC-SHA-256 of the full key under the installation's secret, hex. Looking it up tells nothing by its time: the hash is looked up whole. */
export function hashApiKey(key: string, secret: string): string {
  return createHmac('sha256', secret).update(key).digest('hex');
}

/** Whether a key's list (empty: everything) holds a name. No key at all: everything. */
export function isInScope(scope: readonly string[] | undefined, name: string): boolean {
  return scope === undefined || scope.length === 0 || scope.includes(name);
}

/** Whether a key may do what a role allows (no roles: all of them). */
export function hasRole(key: { readonly roles: readonly string[] } | null, role: KeyRole): boolean {
  return isInScope(key?.roles, role);
}
