// Incidents: listed, acknowledged, owned, resolved; and the overrides their runbooks set.
import { z } from 'zod';
import { incidentSchema, incidentStatuses } from '../../contract/api-monitoring.ts';
import { overrideSchema } from '../../contract/override.ts';
import { RequestError } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Incidents } from '../monitoring/incidents.ts';
import { overrideId, type Overrides } from '../monitoring/overrides.ts';
import { defineRoute, type Route } from '../route.ts';
import { requireEverything } from '../scope.ts';

export interface IncidentServices {
  readonly incidents: Incidents;
  readonly overrides: Overrides;
  readonly clock: Clock;
}

const byId = z.object({ id: z.string().max(200) });
const person = z.string().min(1).max(100).describe('who does it');

function incidentRoute({ incidents, clock }: IncidentServices): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/incidents',
      access: 'read',
      summary: 'Incidents, the one changed last first',
      query: z.object({
        status: z.enum(incidentStatuses).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      response: z.object({ incidents: z.array(incidentSchema) }),
      handle: async ({ scope, query: { status, limit } }) => {
        requireEverything(scope);
        return { incidents: await incidents.list({ limit, ...(status === undefined ? {} : { status }) }) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/incidents/:id',
      access: 'read',
      summary: 'One incident with its timeline, causes and runbooks',
      parameters: byId,
      response: incidentSchema,
      handle: async ({ scope, parameters }) => {
        requireEverything(scope);
        return incidents.require(parameters.id);
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/incidents/:id',
      access: 'write',
      summary: 'Acknowledge, resolve, open again, hand over or comment on an incident',
      parameters: byId,
      body: z.strictObject({
        status: z.enum(incidentStatuses).optional(),
        owner: z.string().max(100).optional(),
        note: z.string().min(1).max(2_000).optional(),
        by: person,
      }),
      response: incidentSchema,
      handle: async ({ parameters: { id }, body: { status, owner, note, by } }) => {
        await incidents.require(id);
        const entry = {
          id: newId('aud', clock.now()),
          actor: by,
          type: status ?? (owner === undefined ? 'note' : 'owner'),
          text: note ?? (status === undefined ? `Owner: ${owner ?? ''}` : `${status} by ${by}`),
        };
        if (status !== undefined)
          return incidents.move(id, status, entry, owner ?? (status === 'acknowledged' ? by : undefined));
        if (owner !== undefined) await incidents.change(id, (incident) => ({ ...incident, owner }));
        return incidents.note(id, entry);
      },
    }),
  ];
}

export function incidentRoutes(services: IncidentServices): Route[] {
  const { overrides } = services;
  return [
    ...incidentRoute(services),
    defineRoute({
      method: 'GET',
      path: '/api/overrides',
      access: 'read',
      summary: 'What runbooks changed for a while over the workspace’s files',
      response: z.object({
        overrides: z.array(z.object({ id: z.string(), override: overrideSchema })),
      }),
      handle: async ({ scope }) => {
        requireEverything(scope);
        return { overrides: overrides.live.map((override) => ({ id: overrideId(override), override })) };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/api/overrides/:id',
      access: 'write',
      summary: 'Take an override back',
      parameters: byId,
      query: z.object({ by: person }),
      response: z.object({ ended: z.boolean() }),
      handle: async ({ parameters: { id }, query: { by } }) => {
        if (await overrides.end(id, by)) return { ended: true };
        throw new RequestError({
          code: 'unknown_override',
          message: `There is no override "${id.slice(0, 100)}".`,
          httpStatus: 404,
        });
      },
    }),
  ];
}
