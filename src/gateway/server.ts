// The gateway's HTTP server on raw node:http: bounds on what may come in, refusal of malformed heads, dispatch to endpoints, and an
// orderly end. What an endpoint does is in its own file.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { BinnacleError, messageOf, RequestError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { InboundShape } from '../wire/shape.ts';
import { EndpointTable, type Endpoint } from './endpoint.ts';
import { sendError } from './error-reply.ts';
import { isLoopbackAddress, refuseHead, type HeadPolicy } from './head-check.ts';
import { Reply } from './reply.ts';
import { asBinnacleError } from './stage.ts';

const MAX_HEADERS = 100;
/** Connections that wait to be accepted: beyond it a burst loses its first packets and tries again after a second. */
const BACKLOG = 4096;

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly endpoints: readonly Endpoint[];
  /** Writes errors of requests that reached no endpoint. */
  readonly errors: Pick<InboundShape, 'writeError'>;
  readonly logger: Logger;
  /** Hears of each finished answer: path of the endpoint (empty: none), status, milliseconds. */
  readonly observe?: (path: string, status: number, milliseconds: number) => void;
  /** How long a request's head may take, milliseconds. Default 10 s. */
  readonly headTimeout?: number;
  /** How long a whole request may take to arrive, milliseconds. Default 120 s. */
  readonly requestTimeout?: number;
}

export interface GatewayServer {
  readonly url: string;
  readonly port: number;
  inFlight(): number;
  /** Stops accepting, lets requests finish for at most `grace` milliseconds, then cuts what is left. */
  close(grace: number): Promise<void>;
}

/** Whether a body was announced and has not arrived whole. */
function hasUnreadBody(request: IncomingMessage): boolean {
  if (request.complete) return false;
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

class Listener {
  readonly #options: ServerOptions;
  readonly #table: EndpointTable;
  readonly #policy: HeadPolicy;
  inFlight = 0;
  closing = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#table = new EndpointTable(options.endpoints);
    this.#policy = { loopbackOnly: isLoopbackAddress(options.host) };
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const started = performance.now();
    const reply = new Reply(response);
    this.inFlight += 1;
    if (this.closing) response.shouldKeepAlive = false;
    const found = this.#find(request);
    const path = found.kind === 'endpoint' ? found.endpoint.path : '';
    response.on('close', () => {
      this.inFlight -= 1;
      this.#options.observe?.(path, response.statusCode, performance.now() - started);
    });
    if (found.kind === 'refused') {
      if (hasUnreadBody(request)) response.shouldKeepAlive = false;
      return sendError(
        reply,
        this.#options.errors,
        found.error,
        found.allow === undefined ? [] : ['allow', found.allow],
      );
    }
    void this.#run(found.endpoint, request, response, reply);
  }

  #find(request: IncomingMessage): ReturnType<EndpointTable['find']> {
    if (request.rawHeaders.length > MAX_HEADERS * 2) {
      const message = `The request has more than ${MAX_HEADERS} headers.`;
      return {
        kind: 'refused',
        error: new RequestError({ code: 'too_many_headers', message, httpStatus: 431 }),
      };
    }
    const error = refuseHead(request, this.#policy);
    return error === undefined
      ? this.#table.find(request.method ?? '', request.url ?? '')
      : { kind: 'refused', error };
  }

  async #run(
    endpoint: Endpoint,
    request: IncomingMessage,
    response: ServerResponse,
    reply: Reply,
  ): Promise<void> {
    try {
      await endpoint.handle(request, reply);
    } catch (thrown) {
      const error = asBinnacleError(thrown);
      if (!(thrown instanceof BinnacleError))
        this.#options.logger.log('error', 'endpoint failed', {
          path: endpoint.path,
          error: messageOf(thrown),
        });
      // What is left of an unread body is not read: the connection ends with the answer.
      if (hasUnreadBody(request)) {
        response.shouldKeepAlive = false;
        response.on('finish', () => setTimeout(() => request.destroy(), 500).unref());
      }
      sendError(reply, endpoint.errors, error);
    }
  }
}

const PARSER_ERRORS: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'The request head is too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request did not arrive in time.'],
};

/** Answers bytes that are no HTTP request, then closes. */
function answerParserError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  errors: ServerOptions['errors'],
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, phrase, message] = PARSER_ERRORS[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'The request is not well-formed HTTP/1.1.',
  ];
  const body = errors.writeError(new RequestError({ code: 'bad_request', message, httpStatus: status }));
  const head = `HTTP/1.1 ${status} ${phrase}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.end(head + body, () => setTimeout(() => socket.destroy(), 500).unref());
}

function httpServer(options: ServerOptions, listener: Listener): Server {
  const server = createServer(
    {
      maxHeaderSize: 32 * 1024,
      headersTimeout: options.headTimeout ?? 10_000,
      requestTimeout: options.requestTimeout ?? 120_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1000,
      insecureHTTPParser: false,
      requireHostHeader: true,
      joinDuplicateHeaders: false,
      noDelay: true,
    },
    (request, response) => listener.handle(request, response),
  );
  server.maxHeadersCount = MAX_HEADERS + 1;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    answerParserError(error, socket, options.errors),
  );
  return server;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const message = taken
        ? `Port ${port} on ${host} is taken: stop what listens there, or choose another with --port.`
        : `The gateway can't listen on ${host}:${port}: ${cause.message}.`;
      reject(new BinnacleError({ code: taken ? 'port_taken' : 'cannot_listen', message, cause }));
    });
    server.listen({ host, port, backlog: BACKLOG }, () => resolve());
  });
}

async function close(server: Server, listener: Listener, grace: number): Promise<void> {
  listener.closing = true;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), grace);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

/** Starts to listen. Throws `port_taken` or `cannot_listen`. */
export async function startServer(options: ServerOptions): Promise<GatewayServer> {
  const listener = new Listener(options);
  const server = httpServer(options, listener);
  await listen(server, options.host, options.port);
  const { port } = server.address() as AddressInfo;
  const name = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${name}:${port}`,
    port,
    inFlight: () => listener.inFlight,
    close: (grace) => close(server, listener, grace),
  };
}
