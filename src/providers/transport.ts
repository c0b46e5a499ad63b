// HTTP to vendors over undici pools, one an origin. No retry here: retrying is the caller's decision, made once. Redirects are not
// followed, addresses are checked when the connection is made, answers are bounded in bytes, also once decompressed.
import { Pool } from 'undici';
import { UpstreamError } from '../contract/upstream-error.ts';
import { UsageError } from '../kernel/errors.ts';
import { assertAllowedAddress, publicLookup } from '../kernel/network-address.ts';
import { decompressed } from './decompress.ts';
import { HttpExchange, type Phase } from './http-exchange.ts';
import type { Target, Timeouts } from './provider.ts';
import { upstreamErrorOf } from './transport-error.ts';

/** Largest answer accepted, before and after decompression. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 256 * 1024;
const MAX_CACHED_URLS = 1000;
/** A connection unused for this long is closed, whatever its vendor offers. A pool takes the one opened first, so the rest of a burst falls idle. */
const IDLE_CONNECTION_MS = 60_000;

export interface TransportRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer whose head has come. Bytes are pulled; whoever stops early calls `cancel`. */
export interface TransportAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The next decompressed bytes, null at the end. Throws an UpstreamError. */
  next(): Promise<Uint8Array | null>;
  /** All bytes as UTF-8 text. Throws an UpstreamError. */
  text(): Promise<string>;
  cancel(): void;
}

export interface Transport {
  /** Throws an UpstreamError for whatever keeps the head from coming. A status of 400 or more is an answer here. */
  send(request: TransportRequest, target: Target, signal: AbortSignal): Promise<TransportAnswer>;
  /** Ends all connections. */
  close(): Promise<void>;
}

interface Endpoint {
  readonly pool: Pool;
  readonly path: string;
}

function parseTarget(url: string, target: Target): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:'))
    throw new UsageError(`The base URL of provider ${target.provider} is no http or https URL.`, 'base_url');
  if (parsed.username !== '' || parsed.password !== '')
    throw new UsageError(
      `The base URL of provider ${target.provider} must not hold credentials.`,
      'base_url',
    );
  return parsed;
}

function newPool(origin: string, timeouts: Timeouts, allowPrivate: boolean, idleMs: number): Pool {
  return new Pool(origin, {
    allowH2: false,
    connect: { timeout: timeouts.connect, ...(allowPrivate ? {} : { lookup: publicLookup }) },
    // The deadlines of an exchange are kept by HttpExchange.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    maxHeaderSize: 32 * 1024,
  });
}

class ExchangeAnswer implements TransportAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly #exchange: HttpExchange;
  readonly #target: Target;
  readonly #pull: () => Promise<Uint8Array | null>;

  constructor(
    head: { status: number; headers: Readonly<Record<string, string | string[] | undefined>> },
    exchange: HttpExchange,
    target: Target,
  ) {
    this.status = head.status;
    this.headers = head.headers;
    this.#exchange = exchange;
    this.#target = target;
    const encoding = head.headers['content-encoding'];
    this.#pull =
      encoding === undefined || encoding === 'identity'
        ? () => exchange.next()
        : decompressed(() => exchange.next(), String(encoding), MAX_ANSWER_BYTES);
  }

  async next(): Promise<Uint8Array | null> {
    try {
      return await this.#pull();
    } catch (error) {
      this.cancel();
      throw upstreamErrorOf(error, this.#target, 'body' satisfies Phase);
    }
  }

  async text(): Promise<string> {
    const most = this.status >= 400 ? MAX_ERROR_BYTES : MAX_ANSWER_BYTES;
    const pieces: Uint8Array[] = [];
    let size = 0;
    for (let piece = await this.next(); piece !== null; piece = await this.next()) {
      pieces.push(piece);
      size += piece.byteLength;
      if (size > most) {
        this.cancel();
        throw this.#tooLarge(most);
      }
    }
    const whole = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces, size);
    return Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString('utf8');
  }

  cancel(): void {
    this.#exchange.cancel();
  }

  #tooLarge(most: number): UpstreamError {
    return new UpstreamError({
      kind: 'bad_answer',
      provider: this.#target.provider,
      message: `${this.#target.provider} answered with more than ${most} bytes.`,
    });
  }
}

export class UndiciTransport implements Transport {
  readonly #pools = new Map<string, Pool>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #idleMs: number;

  constructor({ idleMs = IDLE_CONNECTION_MS }: { readonly idleMs?: number } = {}) {
    this.#idleMs = idleMs;
  }

  async send(request: TransportRequest, target: Target, signal: AbortSignal): Promise<TransportAnswer> {
    const endpoint = this.#endpointOf(request.url, target);
    const exchange = new HttpExchange(target.timeouts, MAX_ANSWER_BYTES, signal);
    try {
      endpoint.pool.dispatch(
        {
          path: endpoint.path,
          method: 'POST',
          headers: { ...request.headers },
          body: request.body,
        },
        exchange,
      );
      return new ExchangeAnswer(await exchange.head, exchange, target);
    } catch (error) {
      exchange.cancel();
      throw upstreamErrorOf(error, target, exchange.phase);
    }
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    this.#endpoints.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #endpointOf(url: string, target: Target): Endpoint {
    const allowPrivate = target.allowPrivate ?? false;
    const key = `${allowPrivate ? 'any' : 'public'} ${target.timeouts.connect} ${url}`;
    const known = this.#endpoints.get(key);
    if (known !== undefined) return known;
    const parsed = parseTarget(url, target);
    if (!allowPrivate) {
      try {
        assertAllowedAddress(parsed.hostname);
      } catch (error) {
        throw upstreamErrorOf(error, target, 'connect');
      }
    }
    const poolKey = `${allowPrivate ? 'any' : 'public'} ${target.timeouts.connect} ${parsed.origin}`;
    let pool = this.#pools.get(poolKey);
    if (pool === undefined) {
      pool = newPool(parsed.origin, target.timeouts, allowPrivate, this.#idleMs);
      this.#pools.set(poolKey, pool);
    }
    if (this.#endpoints.size >= MAX_CACHED_URLS) this.#endpoints.clear();
    const endpoint = { pool, path: `${parsed.pathname}${parsed.search}` };
    this.#endpoints.set(key, endpoint);
    return endpoint;
  }
}
