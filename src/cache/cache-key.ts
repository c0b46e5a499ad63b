// The key of an exact cache entry: everything that decides the answer. Missing one field would serve one caller another's answer.
import { createHash } from 'node:crypto';
import type { CanonicalRequest } from '../contract/canonical.ts';

export interface CacheSubject {
  /** Whose entry it is: entries are never shared between keys. */
  readonly tenant: string;
  /** `name@version` and its digest; empty without a managed prompt. */
  readonly prompt: string;
  /** Id of models.yaml that serves. */
  readonly model: string;
}

/** Fields that don't change the answer's content: how it is sent, who the end user is, where it is filed, the body it was read from. */
const LEFT_OUT = new Set([
  'stream',
  'includeUsage',
  'endUser',
  'metadata',
  'prompt',
  'model',
  'shape',
  'native',
]);

/** SHA-256 in base64url over tenant, prompt version, model, API shape and every parameter, message, tool and schema. */
export function cacheKey(request: CanonicalRequest, subject: CacheSubject): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([subject.tenant, subject.prompt, subject.model, request.shape]));
  hash.update(canonicalJson(request));
  return hash.digest('base64url');
}

/** JSON with object keys in order and left-out fields dropped, so that equal requests give equal text. */
function canonicalJson(request: CanonicalRequest): string {
  return JSON.stringify(request, (_key, value: unknown) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    const names = Object.keys(value).filter((name) => value !== request || !LEFT_OUT.has(name));
    return Object.fromEntries(names.sort().map((name) => [name, (value as Record<string, unknown>)[name]]));
  });
}
