// Identifiers that sort by time: UUIDv7 (RFC 9562 §5.7) with a prefix that says what they name.
import { randomFillSync } from 'node:crypto';

/** What an id names; stands in front of it, as in `int_0190b5c8…`. */
export type IdPrefix =
  'int' | 'att' | 'key' | 'run' | 'fbk' | 'rat' | 'scr' | 'inc' | 'job' | 'aud' | 'seg' | 'gw';

const POOL_BYTES = 8192;
const pool = Buffer.allocUnsafe(POOL_BYTES);
let used = POOL_BYTES;

function randomTail(): string {
  if (used + 10 > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const start = used;
  used += 10;
  pool[start] = 0x70 | ((pool[start] as number) & 0x0f);
  pool[start + 2] = 0x80 | ((pool[start + 2] as number) & 0x3f);
  return pool.toString('hex', start, start + 10);
}

let timeAt = -1;
let timeText = '';

/** Milliseconds as 12 digits: most ids are of the same millisecond as the one before. */
function timeDigits(now: number): string {
  const at = Math.floor(now);
  if (at !== timeAt) {
    timeAt = at;
    timeText = at.toString(16).padStart(12, '0');
  }
  return timeText;
}

/** A new id: prefix, underscore, 32 hex digits; ids of later milliseconds sort later. */
export function newId(prefix: IdPrefix, now: number): string {
  return `${prefix}_${timeDigits(now)}${randomTail()}`;
}
