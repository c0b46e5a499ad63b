// Keys over the API, for the administrator alone: create (the key is shown once), list, rotate, revoke.
import { z } from 'zod';
import {
  keyCreateSchema,
  keyIssuedSchema,
  keyListSchema,
  keySchema,
  type KeyDescription,
} from '../../contract/keys.ts';
import { type Clock, isoTime, isoTimeOrNull } from '../../kernel/clock.ts';
import type { KeyRecord } from '../../storage/state/state.ts';
import type { KeyRing } from '../key-ring.ts';
import { defineRoute, type Route } from '../route.ts';

export interface KeyServices {
  readonly keys: KeyRing;
  readonly clock: Clock;
}

function statusOf({ expiresAt, revokedAt }: KeyRecord, now: number): KeyDescription['status'] {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'live';
}

/** A key as it is shown: all but its hash. */
function describe(record: KeyRecord, now: number): KeyDescription {
  return {
    id: record.id,
    name: record.name,
    owner: record.owner,
    created_at: isoTime(record.createdAt),
    expires_at: isoTimeOrNull(record.expiresAt),
    revoked_at: isoTimeOrNull(record.revokedAt),
    status: statusOf(record, now),
    prompts: [...record.prompts],
    models: [...record.models],
    routes: [...record.routes],
    roles: [...record.roles],
  };
}

const named = z.object({ key: z.string().min(1).max(200).describe('id or name') });

export function keyRoutes({ keys, clock }: KeyServices): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/keys',
      access: 'write',
      summary: 'All keys with their scopes, ended ones too; never the keys themselves',
      response: keyListSchema,
      handle: async () => ({ keys: (await keys.list()).map((record) => describe(record, clock.now())) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/keys',
      access: 'write',
      summary: 'Creates a key and shows it this once',
      body: keyCreateSchema,
      response: keyIssuedSchema,
      handle: async ({ body }) => {
        const { record, key } = await keys.create(body);
        return { ...describe(record, clock.now()), key };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/keys/:key/rotate',
      access: 'write',
      summary: 'Puts a new key in the place of one, which ends at once; shows it this once',
      parameters: named,
      response: keyIssuedSchema,
      handle: async ({ parameters }) => {
        const { record, key } = await keys.rotate(parameters.key);
        return { ...describe(record, clock.now()), key };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/keys/:key/revoke',
      access: 'write',
      summary: 'Ends a key at once',
      parameters: named,
      response: keySchema,
      handle: async ({ parameters }) => describe(await keys.revoke(parameters.key), clock.now()),
    }),
  ];
}
