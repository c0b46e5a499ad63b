// Parses JSON that strangers send: bounded in bytes and in nesting, so that what follows (serialising it again, walking it) can neither
// overflow the stack nor stall the event loop. Errors never quote the text: it may hold secrets.
import { isUtf8 } from 'node:buffer';
import { messageOf, RequestError } from './errors.ts';

export interface JsonBounds {
  readonly maxBytes: number;
  /** Levels of arrays and objects. */
  readonly maxDepth: number;
}

export const REQUEST_BOUNDS: JsonBounds = { maxBytes: 32 * 1024 * 1024, maxDepth: 128 };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether the text holds more than `limit` opening brackets; only then can it nest deeper than that. Uses the engine's fast search. */
function hasMoreOpeningsThan(text: string, limit: number): boolean {
  let openings = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      openings += 1;
      if (openings > limit) return true;
    }
  }
  return false;
}

/** Whether arrays and objects nest deeper than `limit`, brackets inside strings not counted. Linear, without recursion. */
export function isDeeperThan(text: string, limit: number): boolean {
  if (text.length <= limit || !hasMoreOpeningsThan(text, limit)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at += 1;
      while (at < text.length && text.charCodeAt(at) !== QUOTE)
        at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
    }
  }
  return false;
}

function invalidJson(error: unknown): RequestError {
  const position = /position (\d+)/.exec(messageOf(error))?.[1];
  const where = position === undefined ? '' : ` (character ${position})`;
  return new RequestError({ code: 'invalid_json', message: `The body is not valid JSON${where}.` });
}

/** Parses within bounds. Throws a RequestError: 413 `body_too_large`, 400 `invalid_json` or `json_too_deep`. */
export function parseBoundedJson(body: string | Uint8Array, bounds: JsonBounds = REQUEST_BOUNDS): unknown {
  const bytes = typeof body === 'string' ? body.length : body.byteLength;
  if (bytes > bounds.maxBytes) {
    throw new RequestError({
      code: 'body_too_large',
      message: `The body has ${bytes} bytes; at most ${bounds.maxBytes} are accepted.`,
      httpStatus: 413,
    });
  }
  if (typeof body !== 'string' && !isUtf8(body))
    throw new RequestError({ code: 'invalid_json', message: 'The body is not valid JSON: it is not UTF-8.' });
  const text =
    typeof body === 'string'
      ? body
      : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  if (isDeeperThan(text, bounds.maxDepth)) {
    throw new RequestError({
      code: 'json_too_deep',
      message: `The body nests deeper than ${bounds.maxDepth} levels of arrays and objects.`,
    });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw invalidJson(error);
  }
}
