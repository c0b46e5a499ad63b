// Stage: who calls. A key is known by its keyed hash; the look-up goes over the whole hash, so its time tells nothing of the key.
import type { KeySnapshot } from '../../contract/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import { RequestError } from '../../kernel/errors.ts';
import { hasRole, hashApiKey } from '../../limits/api-key.ts';
import type { ClientFacts } from '../exchange.ts';
import type { ServingSnapshot } from '../serving-snapshot.ts';
import type { Stage } from '../stage.ts';

export interface AuthenticateServices {
  readonly clock: Clock;
  /** The installation's secret that key hashes are made under. */
  readonly keySecret: () => string;
  /** The gateway listens on a loopback address: with no key defined it answers without one. */
  readonly loopback: boolean;
}

function refused(message: string): RequestError {
  return new RequestError({ code: 'invalid_api_key', message, httpStatus: 401 });
}

/**
 * What was last shown on a connection, and its hash, kept with the connection: a client keeps its connections and shows the same key with each
 * request.
 */
const lastShown = Symbol('last shown');
interface Connection {
  [lastShown]?: { readonly credential: string; readonly secret: string; readonly hash: string };
}

function hashOf({ credential, connection }: Shown, secret: string): string {
  const known = connection as Connection;
  const last = known[lastShown];
  if (last?.credential === credential && last.secret === secret) return last.hash;
  const hash = hashApiKey(credential, secret);
  known[lastShown] = { credential, secret, hash };
  return hash;
}

/** A credential, and the connection it came on. */
type Shown = Pick<ClientFacts, 'credential' | 'connection'>;

/** The key a credential names, or null where none is needed. Throws 401, or 403 for one that may not call. */
export function identify(
  shown: Shown,
  snapshot: ServingSnapshot,
  services: AuthenticateServices,
): KeySnapshot | null {
  if (snapshot.keysByHash.size === 0 && services.loopback) return null;
  if (shown.credential === '')
    throw refused('No API key was given: send it as "Authorization: Bearer <key>".');
  const key = snapshot.keysByHash.get(hashOf(shown, services.keySecret()));
  if (key === undefined) throw refused('This API key is not known here, or it was revoked.');
  if (key.expiresAt !== null && key.expiresAt <= services.clock.now())
    throw refused('This API key has expired or was revoked.');
  if (!hasRole(key, 'call')) {
    throw new RequestError({
      code: 'role_not_allowed',
      message: 'This API key may read over the console API alone: it has not the role "call".',
      httpStatus: 403,
    });
  }
  return key;
}

export function authenticate(services: AuthenticateServices): Stage {
  return {
    name: 'authenticate',
    enter(exchange) {
      exchange.key = identify(exchange.client, exchange.snapshot, services);
    },
  };
}
