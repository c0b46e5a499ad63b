// Changes of behaviour found in live traffic and in probes.
import { z } from 'zod';
import { driftSchema } from '../../contract/api-monitoring.ts';
import type { DocumentStore } from '../../storage/state/state.ts';
import { DRIFTS } from '../monitoring/drift-incidents.ts';
import { defineRoute, type Route } from '../route.ts';
import { requireEverything } from '../scope.ts';

export function driftRoutes(documents: DocumentStore): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/drift',
      access: 'read',
      summary: 'Changes of behaviour found, newest first',
      query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
      response: z.object({ drifts: z.array(driftSchema) }),
      handle: async ({ scope, query: { limit } }) => {
        requireEverything(scope);
        const found = await documents.list(DRIFTS, { limit });
        return { drifts: found.map(({ body }) => driftSchema.parse(body)) };
      },
    }),
  ];
}
