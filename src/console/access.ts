// Who may call what on the console. Pure: facts of a request in, a verdict out.
//
// Until people can sign in, the console answers on loopback only. There a page of any other site must not reach it: only loopback `Host`
// names are accepted (DNS rebinding), no CORS header is ever sent, requests a browser marks as cross-site are refused, and nothing is
// written without the admin token, which a browser never sends by itself. Reads from the machine itself need no token.
import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestError } from '../kernel/errors.ts';
import { EVERYTHING, type Scope } from './scope.ts';

/** `open`: anyone on loopback, nothing of anybody's data in it. `read`, `write`: see above. `internal`: gateways alone. */
export type Access = 'open' | 'read' | 'write' | 'internal';

export interface RequestFacts {
  /** Every `Host` header as received. */
  readonly hosts: readonly string[];
  readonly remoteAddress: string;
  readonly authorization: string | undefined;
  readonly origin: string | undefined;
  /** The browser's own word on where the request comes from. */
  readonly fetchSite: string | undefined;
  /** `navigate` for a click on a link. */
  readonly fetchMode: string | undefined;
  /** Whether a proxy's mark is on it (`Forwarded`, `X-Forwarded-For`, `Via`): then the peer's address proves nothing. */
  readonly proxied: boolean;
}

export interface Credentials {
  readonly adminToken: string;
  readonly internalToken: string;
  /** The scope of a gateway key, or undefined for an unknown one. */
  readonly scopeOfKey: (key: string) => Scope | undefined;
}

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOOPBACK_PEER = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  return LOOPBACK_PEER.test(address);
}

/** Compares without telling by its time how much of the secret was right. */
export function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return wanted !== '' && timingSafeEqual(digest(given), digest(wanted));
}

function refuse(httpStatus: number, code: string, message: string): RequestError {
  return new RequestError({ code, message, httpStatus });
}

function checkOrigin(facts: RequestFacts): void {
  const [host, ...more] = facts.hosts;
  if (host === undefined || more.length > 0)
    throw refuse(400, 'bad_host', 'A request has exactly one Host header.');
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  if (!LOOPBACK_NAMES.has(name))
    throw refuse(
      421,
      'bad_host',
      'The console answers to localhost, 127.0.0.1 and [::1] alone until people can sign in.',
    );
  if (!isLoopback(facts.remoteAddress))
    throw refuse(403, 'not_loopback', 'The console answers this machine alone until people can sign in.');
  if (facts.origin !== undefined && facts.origin !== `http://${host}`)
    throw refuse(403, 'cross_origin', 'Pages of other origins can not use the console.');
  const site = facts.fetchSite;
  const clicked = site !== undefined && facts.fetchMode === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !clicked)
    throw refuse(403, 'cross_origin', 'Pages of other origins can not use the console.');
}

function bearer(facts: RequestFacts): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,512})$/i.exec(facts.authorization ?? '')?.[1];
}

/**
 * The scope a request is granted.
 * Throws a RequestError: 400 or 421 for its Host, 403 from elsewhere, 401 without the token it needs.
 */
export function authorise(access: Access, facts: RequestFacts, credentials: Credentials): Scope {
  const token = bearer(facts);
  if (access === 'internal') {
    if (token !== undefined && sameSecret(token, credentials.internalToken)) return EVERYTHING;
    throw refuse(401, 'no_token', 'This path is between gateway and console: it needs the internal token.');
  }
  checkOrigin(facts);
  if (access === 'open') return EVERYTHING;
  if (token !== undefined) {
    if (sameSecret(token, credentials.adminToken)) return EVERYTHING;
    const scope = access === 'read' ? credentials.scopeOfKey(token) : undefined;
    if (scope !== undefined) return scope;
    throw refuse(401, 'bad_token', 'This token is not known here, or may not do this.');
  }
  if (access === 'read' && facts.authorization === undefined && !facts.proxied) return EVERYTHING;
  throw refuse(
    401,
    'no_token',
    'This needs "Authorization: Bearer <admin token>"; the token stands in the file admin-token of the data folder.',
  );
}
