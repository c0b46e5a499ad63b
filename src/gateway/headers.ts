// Headers that may cross the gateway, by name, in both directions; everything else stays on its side.
import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../kernel/errors.ts';

/**
 * From the client to stages. Credentials are never among them, nor what names an account (`openai-organization`, `openai-project`) or the
 * version of an API (`anthropic-version`, `openai-beta`): these go with the operator's credentials and with how we read answers.
 */
const FROM_CLIENT: readonly string[] = ['x-binnacle-cache'];

/** From the vendor to the client. */
const FROM_UPSTREAM: ReadonlySet<string> = new Set([
  'openai-processing-ms',
  'openai-version',
  'x-request-id',
  'request-id',
  'retry-after',
]);

const MOST_BETAS = 50;
const BETA = /^[\w.-]{1,100}$/;

/** What `anthropic-beta` turns on, in order and each once; undefined where it is absent. */
export function betasOf(headers: IncomingHttpHeaders): readonly string[] | undefined {
  const text = headers['anthropic-beta'];
  if (text === undefined) return undefined;
  const names = String(text).split(',', MOST_BETAS + 1);
  const betas = names.map((name) => name.trim()).filter((name) => name !== '');
  const wrong = betas.find((name) => !BETA.test(name));
  if (wrong === undefined && names.length <= MOST_BETAS)
    return betas.length === 0 ? undefined : [...new Set(betas)];
  throw new RequestError({
    code: 'invalid_header',
    message: `The header anthropic-beta must be at most ${MOST_BETAS} names with commas between them.`,
    param: 'anthropic-beta',
  });
}

export function fromClient(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const allowed: Record<string, string> = {};
  for (const name of FROM_CLIENT) {
    const value = headers[name];
    if (typeof value === 'string') allowed[name] = value;
  }
  return allowed;
}

/** Adds those of an answer that may go on to headers that are flat: name, value, … as `writeHead` takes them fastest. */
export function addFromUpstream(headers: string[], upstream: Readonly<Record<string, string>>): void {
  for (const name in upstream)
    if (FROM_UPSTREAM.has(name)) headers.push(name, headerText(upstream[name] as string));
}

const UNPRINTABLE = /[^\x20-\x7e]/;

/** Printable ASCII on one line, bounded: what may stand in a header we write ourselves. */
export function headerText(value: string): string {
  return (UNPRINTABLE.test(value) ? value.replace(/[^\x20-\x7e]/g, '?') : value).slice(0, 300);
}

/** The secret a client shows: `Authorization: Bearer …`, Anthropic's `x-api-key`, Azure's `api-key`. Empty when none. */
export function credentialOf(headers: IncomingHttpHeaders): string {
  const authorization = headers.authorization;
  if (authorization !== undefined && /^bearer /i.test(authorization)) return authorization.slice(7).trim();
  const key = headers['x-api-key'] ?? headers['api-key'];
  return typeof key === 'string' ? key.trim() : '';
}
