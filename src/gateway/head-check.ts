// What Node's parser lets through and this gateway does not: two Host headers, HTTP/0.9, a Host that is not this machine on a loopback
// listener (DNS rebinding), a browser page of another origin. Values in, verdict out.
import type { IncomingMessage } from 'node:http';
import { RequestError } from '../kernel/errors.ts';

/** What a request's head is measured against. */
export interface HeadPolicy {
  /** The listener is on a loopback address: only loopback names are accepted in Host. */
  readonly loopbackOnly: boolean;
}

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
const LOOPBACK_ORIGIN = /^https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** Whether an address to listen on can be reached from this machine alone. */
export function isLoopbackAddress(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

function refused(code: string, message: string, httpStatus = 400): RequestError {
  return new RequestError({ code, message, httpStatus });
}

/** Why the head can't be accepted, or undefined. */
export function refuseHead(
  request: Pick<IncomingMessage, 'rawHeaders' | 'headers' | 'httpVersionMajor'>,
  policy: HeadPolicy,
): RequestError | undefined {
  if (request.httpVersionMajor !== 1)
    return refused('bad_request', 'Only HTTP/1.1 and HTTP/1.0 are spoken here.');
  let hosts = 0;
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) return refused('bad_request', 'The request has more than one Host header.');
  if (!policy.loopbackOnly) return undefined;
  if (!LOOPBACK_HOST.test(request.headers.host ?? '')) {
    return refused(
      'host_not_allowed',
      'This gateway listens on a loopback address and answers only to localhost, 127.0.0.1 and [::1] as Host.',
      403,
    );
  }
  const origin = request.headers.origin;
  if (origin !== undefined && !LOOPBACK_ORIGIN.test(origin))
    return refused('origin_not_allowed', 'Web pages of other origins may not call this gateway.', 403);
  return undefined;
}
