// The way between a gateway and the console: paths, headers and bodies of the two internal endpoints, for both sides.
// Both are authorised by `Authorization: Bearer <token>`; the token stands in a file of the data folder.
import { z } from 'zod';

/** Name of the file in the data folder that holds the shared secret of console and gateways (one line, no newline needed). */
export const INTERNAL_TOKEN_FILE = 'internal-token';

/** Name of the file in the data folder with the installation's secret that key hashes are made under (mode 0600). */
export const KEY_SECRET_FILE = 'key-secret';

/**
 * `GET /internal/snapshot` → 200, the Snapshot as JSON, `ETag: "<version>"`; 304 when `If-None-Match` names the version served.
 * `?wait=<seconds>` with `If-None-Match`: answers when a newer version is there, or 304 after that long.
 */
export const INTERNAL_SNAPSHOT_PATH = '/internal/snapshot';

/** SHA-256 of the body's bytes, hex; sent by the console, verified by the gateway before a snapshot is used. */
export const SNAPSHOT_CHECKSUM_HEADER = 'x-binnacle-checksum';

/** Longest `wait` a console honours, seconds. */
export const SNAPSHOT_WAIT_LIMIT_SECONDS = 60;

/**
 * `POST /internal/spool?gateway=&segment=&from=&to=&sealed=0|1`, body `application/octet-stream`: the raw framed bytes [from, to) of one
 * segment, whole frames only → 200 `{acknowledged_to}`: everything before that offset of the segment is safe in the ledger.
 * `sealed=1`: `to` is the segment's end; once acknowledged up to it the gateway may delete the file.
 */
export const INTERNAL_SPOOL_PATH = '/internal/spool';

/** SHA-256 of a sealed segment's whole file, hex; sent with its last range. */
export const SEGMENT_CHECKSUM_HEADER = 'x-binnacle-segment-sha256';

const offset = z.coerce.number().int().nonnegative();

export const spoolPushQuerySchema = z.object({
  gateway: z.string().regex(/^[A-Za-z0-9_.-]{1,80}$/),
  segment: z.string().regex(/^[A-Za-z0-9_.-]{1,120}$/),
  from: offset,
  to: offset,
  sealed: z.enum(['0', '1']),
});
export type SpoolPushQuery = z.infer<typeof spoolPushQuerySchema>;

export const spoolAcknowledgementSchema = z.object({ acknowledged_to: z.number().int().nonnegative() });
