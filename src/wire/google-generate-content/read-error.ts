// Google's errors: `{error: {code, message, status, details}}`, alone or as the only item of a list, as a body or inside a stream.
import { UpstreamError } from '../../contract/upstream-error.ts';
import { kindOfErrorWords, kindOfStatus } from '../error-kind.ts';
import type { JsonRecord } from '../read-json.ts';
import { isRecord, listOf, parseOrUndefined, stringOf } from '../read-json.ts';

export interface ErrorFacts {
  readonly message?: string;
  readonly code?: string;
  readonly param?: string;
}

/** The `error` object of a parsed body; undefined where it is none. */
export function errorObject(body: unknown): JsonRecord | undefined {
  const inner: unknown = Array.isArray(body) ? body[0] : body;
  const error = isRecord(inner) ? inner['error'] : undefined;
  return isRecord(error) ? error : undefined;
}

/** Reads an error body; nothing where it says nothing. `param` is the first field violation named in its details. */
export function readError(text: string): ErrorFacts {
  const error = errorObject(parseOrUndefined(text));
  if (error === undefined) return {};
  const message = stringOf(error['message']);
  const code = stringOf(error['status']) ?? stringOf(error['code']);
  const violations = listOf(error['details']).flatMap((detail) =>
    isRecord(detail) ? listOf(detail['fieldViolations']) : [],
  );
  const param = violations
    .map((each) => (isRecord(each) ? stringOf(each['field']) : undefined))
    .find(Boolean);
  return {
    ...(message === undefined ? {} : { message }),
    ...(code === undefined ? {} : { code }),
    ...(param === undefined ? {} : { param }),
  };
}

/** The error an error object inside a 200 or a stream stands for. */
export function errorInside(error: JsonRecord, provider: string): UpstreamError {
  const status = error['code'];
  return new UpstreamError({
    kind:
      typeof status === 'number' && status >= 400
        ? kindOfStatus(status)
        : kindOfErrorWords(stringOf(error['status']), stringOf(error['code'])),
    provider,
    message: `${provider} answered with an error: ${stringOf(error['message']) ?? 'it says no more.'}`,
  });
}

/** A body or an event that is not what the API documents. */
export function badAnswer(provider: string, what: string): UpstreamError {
  return new UpstreamError({ kind: 'bad_answer', provider, message: `${provider} ${what}` });
}
