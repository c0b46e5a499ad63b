// What an incident's runbook changed for a while: a layer over the compiled workspace. Files are never edited behind a person's back; an
// override ends by itself or by a person, and stands in the audit chain and in the incident.
import { z } from 'zod';

const common = {
  /** UTC milliseconds; null: until somebody takes it back. */
  until: z.number().nullable(),
  incident: z.string(),
  reason: z.string(),
  set_at: z.number(),
};

export const overrideSchema = z.discriminatedUnion('kind', [
  /** A label leads to another version. */
  z.object({
    kind: z.literal('label'),
    prompt: z.string(),
    label: z.string(),
    version: z.string(),
    ...common,
  }),
  /** Requests for a model are served by another one. */
  z.object({ kind: z.literal('model'), model: z.string(), served_by: z.string(), ...common }),
  /** Larger shares of live traffic for judges and people, 0..1; null: as configured. */
  z.object({
    kind: z.literal('sampling'),
    judges: z.number().nullable(),
    people: z.number().nullable(),
    ...common,
  }),
]);
export type Override = z.infer<typeof overrideSchema>;
