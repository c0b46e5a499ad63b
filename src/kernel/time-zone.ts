// Calendar days in a named time zone, by the zone data that Node brings. Instants are UTC milliseconds.
import { MINUTE_MS } from './clock.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

/** Whether `zone` is an IANA time zone name ("Europe/Berlin") or UTC. Offsets such as "+02:00" are not: they have no days of their own. */
export function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(zone)) return false;
  try {
    formatFor(zone);
    return true;
  } catch {
    return false;
  }
}

/** The calendar day of an instant in a zone, `YYYY-MM-DD`. Throws a RangeError for an unknown zone. */
export function dayIn(zone: string, instant: number): string {
  return formatFor(zone).format(instant);
}

/** No zone is further than this from UTC. */
const WIDEST_OFFSET = 15 * 60;

/**
 * The first instant of a calendar day (`YYYY-MM-DD`) in a zone, also where clocks are put forward at midnight. Throws a RangeError for
 * what is no date or zone.
 */
export function startOfDay(zone: string, day: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(utc) || new Date(utc).toISOString().slice(0, 10) !== day)
    throw new RangeError(`"${day}" is not a date such as 2026-01-31`);
  let before = -WIDEST_OFFSET;
  let after = WIDEST_OFFSET;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayIn(zone, utc + middle * MINUTE_MS) < day) before = middle;
    else after = middle;
  }
  return utc + after * MINUTE_MS;
}
