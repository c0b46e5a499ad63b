// Interactions over the API: pages with filters, one in full, all of them out as a file, and in from one.
import { z } from 'zod';
import { importResultSchema, interactionDetailSchema, interactionPageSchema } from '../../contract/api.ts';
import { interactionStatusSchema } from '../../contract/interaction.ts';
import type { Clock } from '../../kernel/clock.ts';
import { RequestError } from '../../kernel/errors.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { AuditStore } from '../../storage/state/state.ts';
import { readInstant, requireTimeZone } from '../instants.ts';
import type { InteractionFilter } from '../queries/conditions.ts';
import { decodeCursor, encodeCursor, interactionDetail, interactionPage } from '../queries/interactions.ts';
import { recordedPages } from '../queries/recorded.ts';
import { defineRoute, type Route } from '../route.ts';
import { simulatedProviders } from '../simulated.ts';
import type { SnapshotSource } from '../snapshot-source.ts';
import { EXPORT_FORMATS, EXPORT_TYPES, exportStream } from '../transfer/export.ts';
import { importLines } from '../transfer/import.ts';

export interface InteractionServices {
  readonly ledger: LedgerClient;
  readonly snapshots: SnapshotSource;
  readonly clock: Clock;
  readonly audit: Pick<AuditStore, 'append'>;
}

const name = z.string().max(256).optional();

const filterQuery = z.object({
  prompt: name,
  version: name,
  model: name,
  status: interactionStatusSchema.optional(),
  user: name,
  key: name,
  text: z.string().min(2).max(200).optional().describe('found in the stored request or answer'),
  from: z.string().max(40).optional().describe('day, instant or "today"'),
  to: z.string().max(40).optional().describe('exclusive; a day means its first instant'),
  time_zone: z.string().max(64).default('UTC').describe('IANA name, for days'),
});

function filterOf(query: z.output<typeof filterQuery>, now: number): InteractionFilter {
  const { from, to, time_zone, ...rest } = query;
  const zone = requireTimeZone(time_zone);
  return {
    ...rest,
    from: from === undefined ? undefined : readInstant(from, 'from', zone, now),
    to: to === undefined ? undefined : readInstant(to, 'to', zone, now),
  };
}

function readRoutes({ ledger, snapshots, clock }: InteractionServices): Route[] {
  const simulated = (): ReadonlySet<string> => simulatedProviders(snapshots.served?.snapshot ?? null);
  return [
    defineRoute({
      method: 'GET',
      path: '/api/interactions',
      access: 'read',
      summary: 'Interactions, newest first, a page at a time',
      query: filterQuery.extend({
        limit: z.coerce.number().int().min(1).max(500).default(50),
        cursor: z.string().max(400).optional(),
      }),
      response: interactionPageSchema,
      handle: async ({ scope, query: { limit, cursor, ...query } }) => {
        const page = await interactionPage(ledger, {
          scope,
          limit,
          filter: filterOf(query, clock.now()),
          simulated: simulated(),
          ...(cursor === undefined ? {} : { after: decodeCursor(cursor) }),
        });
        return {
          interactions: page.interactions,
          next_cursor: page.next === null ? null : encodeCursor(page.next),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/interactions/:id',
      access: 'read',
      summary: 'One interaction with its attempts, findings, feedback and scores',
      parameters: z.object({ id: z.string().max(200) }),
      response: interactionDetailSchema,
      handle: async ({ scope, parameters: { id } }) => {
        const detail = await interactionDetail(ledger, scope, id, simulated());
        if (detail !== null) return detail;
        throw new RequestError({
          code: 'unknown_interaction',
          message: `There is no interaction "${id}" here (it shows a second or two after its answer).`,
          httpStatus: 404,
          param: 'id',
        });
      },
    }),
  ];
}

const MAX_IMPORT_BYTES = 32 * 1024 * 1024;

export function interactionRoutes(services: InteractionServices): Route[] {
  const { ledger, clock, audit } = services;
  return [
    ...readRoutes(services),
    defineRoute({
      method: 'GET',
      path: '/api/export/interactions',
      access: 'write',
      summary: 'Interactions with payloads as a file: jsonl (what an import takes), csv or parquet (flat)',
      query: filterQuery.extend({ format: z.enum(EXPORT_FORMATS).default('jsonl') }),
      response: z.unknown(),
      produces: 'application/octet-stream',
      handle: async ({ scope, query: { format, ...query }, reply }) => {
        const filter = filterOf(query, clock.now());
        await audit.append({
          actor: 'admin',
          act: 'interactions.export',
          subject: 'interactions',
          details: { format },
        });
        reply
          .type(EXPORT_TYPES[format])
          .header('content-disposition', `attachment; filename="interactions.${format}"`);
        return exportStream(format, recordedPages(ledger, scope, filter));
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/import/interactions',
      access: 'write',
      summary: 'Takes JSON lines; each interaction once, however often it is sent',
      query: z.object({ first_index: z.coerce.number().int().nonnegative().default(0) }),
      body: z.string(),
      bodyLimit: MAX_IMPORT_BYTES,
      response: importResultSchema,
      handle: async ({ query, body }) => {
        const result = await importLines(ledger, body, query.first_index);
        const { accepted, duplicates, rejected } = result;
        await audit.append({
          actor: 'admin',
          act: 'interactions.import',
          subject: 'interactions',
          details: { accepted, duplicates, rejected: rejected.length },
        });
        return result;
      },
    }),
  ];
}
