// Points in time as people give them to the API: a day, an instant, or `today`; read in the time zone of the request.
import { RequestError } from '../kernel/errors.ts';
import { dayIn, isTimeZone, startOfDay } from '../kernel/time-zone.ts';

/** Throws a RequestError for an unknown zone. */
export function requireTimeZone(zone: string): string {
  if (isTimeZone(zone)) return zone;
  throw new RequestError({
    code: 'bad_time_zone',
    message: `time_zone: "${zone.slice(0, 64)}" is not a time zone name such as "Europe/Berlin" or "UTC".`,
    param: 'time_zone',
  });
}

/**
 * `2026-01-31` is that day's first instant in the zone, `today` the current day's; anything else must be ISO 8601 with a zone. UTC
 * milliseconds. Throws a RequestError naming `param`.
 */
export function readInstant(text: string, param: string, zone: string, now: number): number {
  try {
    if (text === 'today') return startOfDay(zone, dayIn(zone, now));
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return startOfDay(zone, text);
    const instant = Date.parse(text);
    if (/^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:?\d{2})$/.test(text) && !Number.isNaN(instant)) return instant;
  } catch {
    // Falls through to the one message for all of them.
  }
  throw new RequestError({
    code: 'bad_time',
    message: `${param}: write a day (2026-01-31), "today", or an instant with its zone (2026-01-31T12:00:00Z).`,
    param,
  });
}
