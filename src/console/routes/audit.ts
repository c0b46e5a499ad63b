// The audit chain over the API: its verdict, and its entries to keep elsewhere.
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { AuditVerdict } from '../../storage/state/audit-chain.ts';
import type { AuditStore } from '../../storage/state/state.ts';
import type { AuditCheckpoints } from '../audit-checkpoints.ts';
import { defineRoute, type Route } from '../route.ts';

export const auditVerdictSchema = z.discriminatedUnion('sound', [
  z.object({
    sound: z.literal(true),
    entries: z.number().int(),
    last_hash: z.string(),
    checkpoints: z.number().int().describe('signed checkpoints in Git that the chain was held against'),
  }),
  z.object({
    sound: z.literal(false),
    seq: z.number().int().describe('number of the first bad entry'),
    reason: z.string(),
  }),
]);

async function* jsonLines(audit: Pick<AuditStore, 'entries'>, from: number): AsyncGenerator<string> {
  for await (const entry of audit.entries(from)) yield `${JSON.stringify(entry)}\n`;
}

/** A verdict as the API and the command line say it. */
export function shownVerdict(verdict: AuditVerdict): z.output<typeof auditVerdictSchema> {
  if (!verdict.sound) return { sound: false, seq: verdict.seq, reason: verdict.reason };
  const { entries, lastHash, checkpoints } = verdict;
  return { sound: true, entries, last_hash: lastHash, checkpoints };
}

export interface AuditServices {
  readonly audit: AuditStore;
  readonly checkpoints: AuditCheckpoints;
}

export function auditRoutes({ audit, checkpoints }: AuditServices): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/audit/verify',
      access: 'write',
      summary: 'Whether the audit chain is whole, else its first bad entry',
      response: auditVerdictSchema,
      handle: async () => shownVerdict(await checkpoints.verify()),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/audit/checkpoint',
      access: 'write',
      summary: 'Signs the newest entry now and keeps that in the Git repository of the workspace',
      response: z.object({ taken: z.boolean() }),
      handle: async () => ({ taken: await checkpoints.take() }),
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
