// Which kind of failure a vendor's error is: by HTTP status where there is one, by the words of the error object where there is none (an
// error event inside a stream, an error inside a 200).
import type { UpstreamErrorKind } from '../contract/upstream-error.ts';

const BY_WORD: readonly (readonly [RegExp, UpstreamErrorKind])[] = [
  [/content_?(filter|policy)|responsible_?ai/i, 'content_filter'],
  [/rate_?limit|quota|too_many|resource_exhausted|billing/i, 'rate_limited'],
  [/overloaded|unavailable|capacity/i, 'overloaded'],
  [/auth|permission|api_key/i, 'authentication'],
  [/timeout|deadline/i, 'timeout'],
  [/invalid|not_found|unsupported|context_length|too_large|bad_request/i, 'invalid_request'],
  [/server_error|internal|api_error/i, 'server_error'],
];

/** The kind by an error object's `type`, `code` or `status` words; `bad_answer` when they say nothing known. */
export function kindOfErrorWords(...words: readonly (string | undefined)[]): UpstreamErrorKind {
  for (const word of words) {
    if (word === undefined) continue;
    const numeric = Number(word);
    if (Number.isInteger(numeric) && numeric >= 400 && numeric < 600) return kindOfStatus(numeric);
    for (const [pattern, kind] of BY_WORD) if (pattern.test(word)) return kind;
  }
  return 'bad_answer';
}

/** The kind by HTTP status (a 4xx or 5xx). */
export function kindOfStatus(status: number): UpstreamErrorKind {
  if (status === 429) return 'rate_limited';
  if (status === 503 || status === 529) return 'overloaded';
  if (status === 401 || status === 403) return 'authentication';
  if (status === 408 || status === 504) return 'timeout';
  if (status >= 500) return 'server_error';
  return status >= 400 ? 'invalid_request' : 'bad_answer';
}
