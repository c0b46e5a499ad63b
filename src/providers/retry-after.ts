// When a vendor says to come back: `Retry-After` in seconds or as an HTTP date, and OpenAI's `retry-after-ms`.

const MAX_SECONDS = 24 * 3600;

function bounded(seconds: number): number | undefined {
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.ceil(seconds), MAX_SECONDS) : undefined;
}

/** Whole seconds from `now` (milliseconds since the epoch), at most a day; undefined where nothing readable was said. */
export function retryAfterSeconds(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: number,
): number | undefined {
  const milliseconds = headers['retry-after-ms'];
  if (typeof milliseconds === 'string' && /^\d{1,12}$/.test(milliseconds))
    return bounded(Number(milliseconds) / 1000);
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,12}(\.\d{1,6})?$/.test(value.trim())) return bounded(Number(value));
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : bounded(Math.max(0, (date - now) / 1000));
}
