// What a failed exchange means: undici's and our own errors classified once into the kinds that decide retry and fallback.
import { UpstreamError, type UpstreamErrorKind } from '../contract/upstream-error.ts';
import { BinnacleError, RequestError } from '../kernel/errors.ts';
import { UnknownEncodingError } from './decompress.ts';
import { DeadlineError, TooLargeError, type Phase } from './http-exchange.ts';
import type { Target } from './provider.ts';

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

const DEADLINE_WORDS = { connect: 'connect', firstByte: 'first byte', idle: 'idle', total: 'total' } as const;

function kindOf(error: unknown, phase: Phase): { kind: UpstreamErrorKind; what: string } {
  if (error instanceof DeadlineError)
    return { kind: 'timeout', what: `the ${DEADLINE_WORDS[error.deadline]} deadline passed` };
  if (error instanceof TooLargeError || error instanceof UnknownEncodingError)
    return { kind: 'bad_answer', what: error.message };
  const code = codeOf(error);
  if (code === 'UND_ERR_INVALID_ARG')
    return { kind: 'connect', what: 'its configured headers or address make no valid request' };
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return { kind: 'timeout', what: 'the connect deadline passed' };
  const isUnparsable = error instanceof Error && error.name === 'HTTPParserError';
  if (isUnparsable || code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return { kind: 'bad_answer', what: 'its answer is not HTTP' };
  if (code.startsWith('Z_') || code.startsWith('ERR_') || code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return phase === 'body'
      ? { kind: 'bad_answer', what: `its answer can't be decoded (${code})` }
      : { kind: 'connect', what: `the connection could not be made (${code})` };
  if (phase === 'body') return { kind: 'bad_answer', what: 'it broke its answer off' };
  const named = code === '' ? '' : ` (${code})`;
  return { kind: 'connect', what: `it could not be reached or closed the connection${named}` };
}

/** An UpstreamError for whatever an exchange threw; an abort by the caller and errors already classified stay as they are. */
export function upstreamErrorOf(error: unknown, target: Target, phase: Phase): BinnacleError {
  if (error instanceof UpstreamError || error instanceof RequestError) return error;
  if (error instanceof BinnacleError)
    return new UpstreamError({
      kind: 'connect',
      provider: target.provider,
      message: `${target.provider}: ${error.message}`,
      cause: error,
    });
  const { kind, what } = kindOf(error, phase);
  return new UpstreamError({
    kind,
    provider: target.provider,
    message: `${target.provider}: ${what}.`,
    cause: error,
  });
}

/** A body that broke off means a cut stream where a stream was read. */
export function asStreamError(error: unknown, provider: string): unknown {
  const cause = error instanceof UpstreamError ? error.cause : undefined;
  const brokeOff = error instanceof UpstreamError && error.kind === 'bad_answer' && cause !== undefined;
  if (!brokeOff || cause instanceof TooLargeError || cause instanceof UnknownEncodingError) return error;
  return new UpstreamError({
    kind: 'cut_stream',
    provider,
    message: `${provider} cut its stream before the end mark.`,
    cause,
  });
}
