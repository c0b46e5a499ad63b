// The audit chain over the API: its verdict, and its entries to keep elsewhere.
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { AuditStore } from '../../storage/state/state.ts';
import { defineRoute, type Route } from '../route.ts';

export const auditVerdictSchema = z.discriminatedUnion('sound', [
  z.object({ sound: z.literal(true), entries: z.number().int(), last_hash: z.string() }),
  z.object({
    sound: z.literal(false),
    seq: z.number().int().describe('number of the first bad entry'),
    reason: z.string(),
  }),
]);

async function* jsonLines(audit: Pick<AuditStore, 'entries'>, from: number): AsyncGenerator<string> {
  for await (const entry of audit.entries(from)) yield `${JSON.stringify(entry)}\n`;
}

export function auditRoutes(audit: AuditStore): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/audit/verify',
      access: 'write',
      summary: 'Whether the audit chain is whole, else its first bad entry',
      response: auditVerdictSchema,
      handle: async () => {
        const verdict = await audit.verify();
        return verdict.sound
          ? { sound: true as const, entries: verdict.entries, last_hash: verdict.lastHash }
          : { sound: false as const, seq: verdict.seq, reason: verdict.reason };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/audit/entries',
      access: 'write',
      summary: 'Entries of the audit chain as JSON lines, in order',
      query: z.object({ from: z.coerce.number().int().min(1).default(1) }),
      response: z.unknown(),
      produces: 'application/x-ndjson',
      handle: async ({ query, reply }) => {
        reply.type('application/x-ndjson');
        return Readable.from(jsonLines(audit, query.from));
      },
    }),
  ];
}
