// The one error class of the project. A cause gets a code and its decisions (HTTP status, retryable or not) at birth;
// message text is never matched. An expected "no" (a guardrail refused, a judge is unsure) is a value, not an error.

/** What an error decides and tells. */
export interface ErrorDetails {
  /** Stable, snake_case, what programs match on: `unknown_prompt`, `upstream_timeout`. */
  readonly code: string;
  /** What is wrong, where, and what to do, in one sentence or two. */
  readonly message: string;
  /** HTTP status a gateway or console answers with. Default 500. */
  readonly httpStatus?: number;
  /** Whether the same request may succeed if tried again. Default false. */
  readonly isRetryable?: boolean;
  /** The request field, parameter or file the error is about. */
  readonly param?: string;
  /** Seconds after which a new try makes sense (becomes `Retry-After`). */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

export class BinnacleError extends Error {
  override readonly name: string = 'BinnacleError';
  readonly code: string;
  readonly httpStatus: number;
  readonly isRetryable: boolean;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.httpStatus = details.httpStatus ?? 500;
    this.isRetryable = details.isRetryable ?? false;
    this.param = details.param;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** Wrong usage or configuration: the command line ends with exit code 2. */
export class UsageError extends BinnacleError {
  override readonly name = 'UsageError';
  constructor(message: string, param?: string) {
    super({ code: 'usage', message, httpStatus: 400, ...(param === undefined ? {} : { param }) });
  }
}

/** A request that can't be served as it stands: 4xx, never retried. */
export class RequestError extends BinnacleError {
  override readonly name = 'RequestError';
  constructor(details: ErrorDetails) {
    super({ httpStatus: 400, ...details });
  }
}

/** The text of whatever was thrown, for a log line or a message. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
