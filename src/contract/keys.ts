// Bodies of the console's key routes, for the console and the command line.
import { z } from 'zod';

const scope = z.array(z.string().min(1).max(200)).max(500);

export const keyCreateSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,79}$/, 'letters, digits, spaces and ._@- (80 at most)'),
  owner: z.string().max(200).default(''),
  /** ISO 8601 with a zone; null: never. */
  expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
  prompts: scope.default([]).describe('prompts the key may use; empty: all'),
  models: scope.default([]).describe('models the key may use; empty: all'),
  routes: scope.default([]).describe('rules of routing.yaml that may serve its `auto` requests; empty: all'),
  roles: z
    .array(z.enum(['call', 'read']))
    .max(2)
    .default([])
    .describe('call: use the gateway; read: read its own interactions over this API; empty: both'),
});
export type KeyCreate = z.input<typeof keyCreateSchema>;

export const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  status: z.enum(['live', 'expired', 'revoked']),
  prompts: z.array(z.string()),
  models: z.array(z.string()),
  routes: z.array(z.string()),
  roles: z.array(z.string()),
});
export type KeyDescription = z.infer<typeof keySchema>;

export const keyListSchema = z.object({ keys: z.array(keySchema) });

/** `key` is the secret itself: shown this once, kept nowhere. */
export const keyIssuedSchema = keySchema.extend({ key: z.string().describe('shown this once') });
