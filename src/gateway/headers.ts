// Headers that may cross the gateway, by name, in both directions; everything else stays on its side.
import type { IncomingHttpHeaders } from 'node:http';

/** From the client to stages (and, where a provider wants them, to the vendor). Credentials are never among them. */
const FROM_CLIENT: readonly string[] = [
  'openai-beta',
  'anthropic-beta',
  'anthropic-version',
  'x-binnacle-cache',
  'traceparent',
  'tracestate',
];

/** From the vendor to the client. */
const FROM_UPSTREAM: ReadonlySet<string> = new Set([
  'openai-processing-ms',
  'openai-version',
  'x-request-id',
  'request-id',
  'retry-after',
]);

export function fromClient(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const allowed: Record<string, string> = {};
  for (const name of FROM_CLIENT) {
    const value = headers[name];
    if (typeof value === 'string') allowed[name] = value;
  }
  return allowed;
}

/** Flat name, value, name, value… as `writeHead` takes them fastest. */
export function fromUpstream(headers: Readonly<Record<string, string>>): string[] {
  const allowed: string[] = [];
  for (const name in headers) {
    if (FROM_UPSTREAM.has(name)) allowed.push(name, headerText(headers[name] as string));
  }
  return allowed;
}

/** Printable ASCII on one line, bounded: what may stand in a header we write ourselves. */
export function headerText(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}

/** The secret a client shows: `Authorization: Bearer …`, Anthropic's `x-api-key`, Azure's `api-key`. Empty when none. */
export function credentialOf(headers: IncomingHttpHeaders): string {
  const authorization = headers.authorization;
  if (authorization !== undefined && /^bearer /i.test(authorization)) return authorization.slice(7).trim();
  const key = headers['x-api-key'] ?? headers['api-key'];
  return typeof key === 'string' ? key.trim() : '';
}
