// What an upstream call can fail with. Kind, status and retryability are settled here, once.
import { BinnacleError } from '../kernel/errors.ts';
import type { UpstreamErrorKind } from './provider.ts';

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
