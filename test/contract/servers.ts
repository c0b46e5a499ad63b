// Two servers on loopback that the contract suite stands between: one that answers as a vendor documents it, and a gateway reduced to
// its translators, so that real client libraries can be pointed at it.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UpstreamError } from '../../src/contract/upstream-error.ts';
import { BinnacleError } from '../../src/kernel/errors.ts';
import type { Provider, Target } from '../../src/providers/provider.ts';
import type { InboundShape } from '../../src/wire/shape.ts';
import type { Scenario, VendorReply, VendorRequest } from './vendor-answers.ts';

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Server> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

export function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export type Vendor = (scenario: Scenario, request: VendorRequest) => VendorReply;

/** The vendor's server. The scenario comes in `x-scenario`, the vendor as the first path segment. */
export async function vendorServer(vendors: Readonly<Record<string, Vendor>>): Promise<Server> {
  return await listen(async (request, response) => {
    const [, name = '', ...rest] = (request.url ?? '').split('/');
    const vendor = vendors[name];
    if (vendor === undefined) throw new Error(`no vendor ${name}`);
    const scenario = String(request.headers['x-scenario']) as Scenario;
    const body = JSON.parse(await bodyOf(request)) as VendorRequest['body'];
    const reply = vendor(scenario, { path: `/${rest.join('/')}`, headers: request.headers, body });
    if (reply.kind === 'json') {
      response.writeHead(reply.status, {
        'content-type': 'application/json',
        ...(reply.retryAfter === undefined ? {} : { 'retry-after': reply.retryAfter }),
      });
      response.end(JSON.stringify(reply.body));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const { event, data } of reply.events)
      response.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`);
    response.end();
  });
}

export interface Route {
  readonly provider: Provider;
  readonly target: Target;
}

/** Translators alone: `x-route` names the provider, the path the shape. Errors go out in the shape of the path. */
export async function translatorServer(
  shapes: Readonly<Record<string, InboundShape>>,
  routes: ReadonlyMap<string, Route>,
): Promise<Server> {
  return await listen(async (request, response) => {
    const shape = shapes[request.url ?? ''];
    const route = routes.get(String(request.headers['x-route']));
    if (shape === undefined || route === undefined) throw new Error(`no route for ${request.url}`);
    const scenario = String(request.headers['x-scenario']);
    const target = { ...route.target, headers: { 'x-scenario': scenario } };
    try {
      const canonical = shape.readRequest(JSON.parse(await bodyOf(request)));
      const facts = {
        interaction: 'int_1',
        model: canonical.model ?? '',
        created: 1,
        includeUsage: canonical.includeUsage ?? false,
      };
      const answer = await route.provider.chat(canonical, target, { signal: new AbortController().signal });
      if (answer.kind === 'response') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(shape.writeResponse(answer.response, facts));
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const writer = shape.streamWriter(facts);
      try {
        for await (const chunks of answer.chunks)
          for (const chunk of chunks) response.write(writer.write(chunk));
        response.end(writer.finish() + writer.endMark());
      } catch (error) {
        response.end(writer.error(asBinnacleError(error)));
      }
    } catch (error) {
      const known = asBinnacleError(error);
      response.writeHead(known.httpStatus, {
        'content-type': 'application/json',
        'x-should-retry': 'false',
        ...(known.retryAfterSeconds === undefined ? {} : { 'retry-after': String(known.retryAfterSeconds) }),
      });
      response.end(shape.writeError(known));
    }
  });
}

function asBinnacleError(error: unknown): BinnacleError {
  if (error instanceof BinnacleError) return error;
  return new UpstreamError({ kind: 'bad_answer', provider: 'test', message: String(error) });
}
