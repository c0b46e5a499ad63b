// Anthropic's errors: `{type: "error", error: {type, message}}`, as a body or as an event of a stream.
import { UpstreamError } from '../../contract/upstream-error.ts';
import type { UpstreamErrorKind } from '../../contract/upstream-error.ts';
import { isRecord, parseOrUndefined, stringOf } from '../read-json.ts';

const KINDS: Readonly<Record<string, UpstreamErrorKind>> = {
  invalid_request_error: 'invalid_request',
  authentication_error: 'authentication',
  permission_error: 'authentication',
  billing_error: 'authentication',
  not_found_error: 'invalid_request',
  request_too_large: 'invalid_request',
  rate_limit_error: 'rate_limited',
  timeout_error: 'timeout',
  api_error: 'server_error',
  overloaded_error: 'overloaded',
};

export interface ErrorFacts {
  readonly message?: string;
  readonly code?: string;
  readonly param?: string;
}

/** Reads an error body; nothing where it says nothing. `param` is the field the message starts with (`max_tokens: …`). */
export function readError(text: string): ErrorFacts {
  const body = parseOrUndefined(text);
  const error = isRecord(body) ? body['error'] : undefined;
  if (!isRecord(error)) return {};
  const message = stringOf(error['message']);
  const code = stringOf(error['type']);
  const param = message === undefined ? undefined : /^([a-z][\w.[\]]*): /.exec(message)?.[1];
  return {
    ...(message === undefined ? {} : { message }),
    ...(code === undefined ? {} : { code }),
    ...(param === undefined ? {} : { param }),
  };
}

/** The error that an `error` event, or a 200 body that is one, stands for. */
export function errorOf(text: string, provider: string): UpstreamError {
  const facts = readError(text);
  const kind = facts.code !== undefined && Object.hasOwn(KINDS, facts.code) ? KINDS[facts.code] : undefined;
  return new UpstreamError({
    kind: kind ?? 'server_error',
    provider,
    message: `${provider} answered with an error: ${facts.message ?? 'it says no more.'}`,
  });
}
