// A console that refuses what the gateway asks of it over their own endpoints, as the log and `/healthz` tell it.
import { BinnacleError } from '../kernel/errors.ts';

export function consoleRefused(status: number, url: URL): BinnacleError {
  const then =
    status === 401 || status === 403
      ? 'They must share one data folder (or one token).'
      : 'Its own log says why; it is asked again.';
  return new BinnacleError({
    code: 'console_refused',
    message: `The console at ${url.host} answered ${status} to ${url.pathname}. ${then}`,
    isRetryable: true,
  });
}
