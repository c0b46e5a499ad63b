// The key of an exact cache entry: everything that decides the answer. Missing one field would serve one caller another's answer.
import { hash } from 'node:crypto';
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
  const whose = JSON.stringify([subject.tenant, subject.prompt, subject.model, request.shape]);
  const what = Object.entries(request).filter(([name]) => !LEFT_OUT.has(name));
  return hash('sha256', whose + orderedJson(Object.fromEntries(what)), 'base64url');
}

/** JSON with the fields of objects in order, so that equal values give equal text; fields that are not set are left out. */
function orderedJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(orderedJson).join(',')}]`;
  const fields: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[name];
    if (field !== undefined) fields.push(`${JSON.stringify(name)}:${orderedJson(field)}`);
  }
  return `{${fields.join(',')}}`;
}
