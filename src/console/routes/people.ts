// Erasing an end user's data.
import { z } from 'zod';
import type { PersonErasures } from '../person-erasures.ts';
import { defineRoute, type Route } from '../route.ts';

export const personErasedSchema = z.object({
  interactions: z.number().int().describe('interactions that stay, under the pseudonym'),
  payloads: z.number().int(),
  feedback: z.number().int(),
  ratings: z.number().int(),
  scores: z.number().int(),
  pseudonym: z.string(),
  until: z
    .number()
    .describe('until then, UTC milliseconds, what gateways still deliver is erased as it comes'),
});

export function peopleRoutes(erasures: PersonErasures): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/people/erase',
      access: 'write',
      summary:
        'Erases payloads, feedback, ratings and comments of one end user; sums and the audit chain stay whole',
      body: z.object({ user: z.string().min(1).max(1000) }),
      response: personErasedSchema,
      handle: ({ body }) => erasures.erase(body.user),
    }),
  ];
}
