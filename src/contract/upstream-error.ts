// What an upstream call can fail with. Kind, status and retryability are settled here, once.
import { BinnacleError } from '../kernel/errors.ts';

/** Why an upstream call failed; decides retry, fallback, and which `error_rate` kind it counts as. */
export type UpstreamErrorKind =
  | 'connect' // refused, reset before an answer, name not found
  | 'timeout' // connect, first byte, idle or total
  | 'rate_limited' // 429
  | 'overloaded' // 503, 529
  | 'server_error' // other 5xx
  | 'bad_answer' // not the documented format, wrong length, 200 with an error inside
  | 'cut_stream' // the stream ended before its end mark
  | 'authentication' // 401, 403: our key is wrong
  | 'invalid_request' // 400, 404, 413, 422: the caller's fault
  | 'content_filter'; // the vendor refused on content

const STATUS: Record<UpstreamErrorKind, number> = {
  connect: 502,
  timeout: 504,
  rate_limited: 429,
  overloaded: 503,
  server_error: 502,
  bad_answer: 502,
  cut_stream: 502,
  authentication: 502,
  invalid_request: 400,
  content_filter: 400,
};

const RETRYABLE: ReadonlySet<UpstreamErrorKind> = new Set([
  'connect',
  'timeout',
  'rate_limited',
  'overloaded',
  'server_error',
  'bad_answer',
  'cut_stream',
]);

export interface UpstreamErrorDetails {
  readonly kind: UpstreamErrorKind;
  readonly provider: string;
  readonly message: string;
  /** The vendor's HTTP status, where one came. */
  readonly upstreamStatus?: number;
  readonly param?: string;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

export class UpstreamError extends BinnacleError {
  override readonly name = 'UpstreamError';
  readonly kind: UpstreamErrorKind;
  readonly provider: string;
  readonly upstreamStatus: number | undefined;

  constructor(details: UpstreamErrorDetails) {
    super({
      ...details,
      code: `upstream_${details.kind}`,
      httpStatus: details.kind === 'invalid_request' ? (details.upstreamStatus ?? 400) : STATUS[details.kind],
      isRetryable: RETRYABLE.has(details.kind),
    });
    this.kind = details.kind;
    this.provider = details.provider;
    this.upstreamStatus = details.upstreamStatus;
  }
}
