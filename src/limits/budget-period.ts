// The day, week (from Monday) or month of a budget in its time zone.
import { DAY_MS } from '../kernel/clock.ts';
import { dayIn, startOfDay } from '../kernel/time-zone.ts';

export type PeriodName = 'day' | 'week' | 'month';

export interface Period {
  /** UTC milliseconds; `end` is the start of the next. */
  readonly start: number;
  readonly end: number;
}

const isoDay = (utc: number): string => new Date(utc).toISOString().slice(0, 10);

/** The first calendar days of the period that holds `day` and of the next. */
function edgesOf(period: PeriodName, day: string): readonly [string, string] {
  const utc = Date.parse(`${day}T00:00:00Z`);
  if (period === 'day') return [day, isoDay(utc + DAY_MS)];
  if (period === 'week') {
    const monday = utc - ((new Date(utc).getUTCDay() + 6) % 7) * DAY_MS;
    return [isoDay(monday), isoDay(monday + 7 * DAY_MS)];
  }
  const date = new Date(utc);
  const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return [`${day.slice(0, 8)}01`, isoDay(next)];
}

/** The period that holds an instant. */
export function periodAt(period: PeriodName, zone: string, at: number): Period {
  const [first, next] = edgesOf(period, dayIn(zone, at));
  return { start: startOfDay(zone, first), end: startOfDay(zone, next) };
}

/** `periodAt` with the last answer of each zone kept: calendars are dear, and nearly every request falls into the same period. */
export class Calendar {
  readonly #known = new Map<string, Period>();

  at(period: PeriodName, zone: string, at: number): Period {
    const name = `${period} ${zone}`;
    const known = this.#known.get(name);
    if (known !== undefined && at >= known.start && at < known.end) return known;
    const found = periodAt(period, zone, at);
    this.#known.set(name, found);
    return found;
  }
}
