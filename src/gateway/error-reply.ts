// Writes an error as a whole HTTP answer: status, the headers that tell a client when to come back, the body in the caller's API shape.
import { BinnacleError } from '../kernel/errors.ts';
import { redactStructured } from './guard/stored-text.ts';
import type { InboundShape } from '../wire/shape.ts';
import type { ReplySurface } from './reply.ts';

/** Headers an error carries: 429 and 503 always say when to come back, a final refusal says that a retry is no use. */
export function errorHeaders(error: BinnacleError): string[] {
  const headers: string[] = [];
  const seconds = error.retryAfterSeconds;
  if (seconds !== undefined) headers.push('retry-after', String(Math.max(0, Math.ceil(seconds))));
  else if (error.httpStatus === 429 || error.httpStatus === 503) headers.push('retry-after', '1');
  if (error.httpStatus === 429 && !error.isRetryable) headers.push('x-should-retry', 'false');
  return headers;
}

/** The error without personal data and secrets that its message repeats from a request or a vendor's answer. */
export function withoutFound(error: BinnacleError): BinnacleError {
  const message = redactStructured(error.message);
  if (message === error.message) return error;
  const { code, httpStatus, isRetryable, param, retryAfterSeconds } = error;
  return new BinnacleError({
    code,
    message,
    httpStatus,
    isRetryable,
    ...(param === undefined ? {} : { param }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

export function sendError(
  reply: Pick<ReplySurface, 'send'>,
  shape: Pick<InboundShape, 'writeError'>,
  error: BinnacleError,
  headers: readonly string[] = [],
): void {
  reply.send(error.httpStatus, [...headers, ...errorHeaders(error)], shape.writeError(withoutFound(error)));
}
