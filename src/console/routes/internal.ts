// The two paths between gateways and console: the snapshot out (with long-poll), spool bytes in.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  INTERNAL_SNAPSHOT_PATH,
  INTERNAL_SPOOL_PATH,
  SEGMENT_CHECKSUM_HEADER,
  SNAPSHOT_CHECKSUM_HEADER,
  SNAPSHOT_WAIT_LIMIT_SECONDS,
  spoolAcknowledgementSchema,
  spoolPushQuerySchema,
  type SpoolPushQuery,
} from '../../contract/internal.ts';
import { BinnacleError, RequestError } from '../../kernel/errors.ts';
import { defineRoute, type Route } from '../route.ts';
import type { SnapshotSource } from '../snapshot-source.ts';

export interface InternalServices {
  readonly snapshots: SnapshotSource;
  /** Takes bytes of a segment into the ledger; resolves with the offset up to which all is safe there. `sha256`: of a sealed segment. */
  readonly ingest: (push: SpoolPushQuery, bytes: Buffer, sha256: string | null) => Promise<number>;
}

const MAX_PUSH_BYTES = 64 * 1024 * 1024;

function gone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}

async function sendSnapshot(
  snapshots: SnapshotSource,
  wait: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string> {
  const known = /^(?:W\/)?"([^"]*)"$/.exec(request.headers['if-none-match'] ?? '')?.[1];
  if (known !== undefined && wait > 0)
    await snapshots.newerThan(known, Math.min(wait, SNAPSHOT_WAIT_LIMIT_SECONDS) * 1000, gone(reply));
  const served = snapshots.served;
  if (served === null)
    throw new BinnacleError({
      code: 'no_snapshot',
      message: `No snapshot compiled yet: ${snapshots.errors[0] ?? 'the workspace is being read'}.`,
      httpStatus: 503,
      retryAfterSeconds: 1,
      isRetryable: true,
    });
  reply.header('etag', `"${served.snapshot.version}"`);
  if (served.snapshot.version === known) {
    reply.code(304);
    return '';
  }
  reply.header(SNAPSHOT_CHECKSUM_HEADER, served.checksum).type('application/json; charset=utf-8');
  return served.body;
}

/** The checksum that comes with a sealed segment's last range, and with no other. */
function sealOf(query: SpoolPushQuery, request: FastifyRequest): string | null {
  if (query.sealed === '0') return null;
  const checksum = request.headers[SEGMENT_CHECKSUM_HEADER];
  if (typeof checksum === 'string' && /^[0-9a-f]{64}$/.test(checksum)) return checksum;
  throw new RequestError({
    code: 'bad_checksum',
    message: `A sealed segment comes with its SHA-256 in ${SEGMENT_CHECKSUM_HEADER}.`,
    param: SEGMENT_CHECKSUM_HEADER,
  });
}

export function internalRoutes({ snapshots, ingest }: InternalServices): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: INTERNAL_SNAPSHOT_PATH,
      access: 'internal',
      summary: 'The compiled workspace',
      query: z.object({ wait: z.coerce.number().int().nonnegative().default(0) }),
      response: z.string(),
      produces: 'application/json',
      handle: async ({ query, request, reply }) => sendSnapshot(snapshots, query.wait, request, reply),
    }),
    defineRoute({
      method: 'POST',
      path: INTERNAL_SPOOL_PATH,
      access: 'internal',
      summary: 'Spool bytes for the ledger',
      query: spoolPushQuerySchema,
      body: z.instanceof(Buffer),
      bodyLimit: MAX_PUSH_BYTES,
      response: spoolAcknowledgementSchema,
      handle: async ({ query, body, request }) => ({
        acknowledged_to: await ingest(query, body, sealOf(query, request)),
      }),
    }),
  ];
}
