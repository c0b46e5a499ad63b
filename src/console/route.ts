// How a route of the console is declared: method, path, who may call it, and schemas of all that goes in and out. OpenAPI and the checks
// come from the declaration; a handler only does the work.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { apiErrorSchema } from '../contract/api.ts';
import { authorise, type Access, type Credentials, type RequestFacts } from './access.ts';
import type { Scope } from './scope.ts';

export interface RouteInput<Query, Parameters, Body> {
  readonly query: Query;
  readonly parameters: Parameters;
  readonly body: Body;
  readonly scope: Scope;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface RouteDeclaration<
  Query extends z.ZodType,
  Parameters extends z.ZodType,
  Body extends z.ZodType,
  Response extends z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly access: Access;
  /** One line for the reader of the OpenAPI document. */
  readonly summary: string;
  readonly query?: Query;
  readonly parameters?: Parameters;
  readonly body?: Body;
  readonly response: Response;
  /** Bytes; default 1 MiB. */
  readonly bodyLimit?: number;
  /** The media type of a 200, where it is not JSON: the handler then returns text, bytes or a stream. */
  readonly produces?: string;
  readonly handle: (
    input: RouteInput<z.output<Query>, z.output<Parameters>, z.output<Body>>,
  ) => Promise<z.output<Response>>;
}

/** A declared route, its types folded away: what a list of routes holds. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
  readonly add: (app: FastifyInstance, credentials: Credentials) => void;
}

/** Facts of a request that decide about access. */
export function factsOf(request: FastifyRequest): RequestFacts {
  const raw = request.raw.rawHeaders;
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    hosts: raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === 'host'),
    remoteAddress: request.socket.remoteAddress ?? '',
    authorization: header('authorization'),
    origin: header('origin'),
    fetchSite: header('sec-fetch-site'),
    fetchMode: header('sec-fetch-mode'),
    proxied: ['forwarded', 'x-forwarded-for', 'via'].some((name) => request.headers[name] !== undefined),
  };
}

export function defineRoute<
  Response extends z.ZodType,
  Query extends z.ZodType = z.ZodUndefined,
  Parameters extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(declaration: RouteDeclaration<Query, Parameters, Body, Response>): Route {
  const { method, path, access, summary, query, parameters, body, response, produces } = declaration;
  const answer =
    produces === undefined
      ? response
      : { description: summary, content: { [produces]: { schema: response } } };
  return {
    method,
    path,
    access,
    add: (app, credentials) => {
      const scopes = new WeakMap<FastifyRequest, Scope>();
      app.route({
        method,
        url: path,
        bodyLimit: declaration.bodyLimit ?? 1024 * 1024,
        schema: {
          summary,
          ...(access === 'internal' ? { hide: true } : {}),
          ...(access === 'write' ? { security: [{ admin: [] }] } : {}),
          ...(query === undefined ? {} : { querystring: query }),
          ...(parameters === undefined ? {} : { params: parameters }),
          ...(body === undefined ? {} : { body }),
          response: { 200: answer, default: apiErrorSchema },
        },
        // Before the body is read: who may not call must not make us read 64 MiB either.
        onRequest: async (request) => {
          scopes.set(request, authorise(access, factsOf(request), credentials));
        },
        handler: async (request, reply) => {
          const scope = scopes.get(request);
          if (scope === undefined) throw new Error(`${method} ${path} ran without a scope`);
          const result = await declaration.handle({
            query: request.query as z.output<Query>,
            parameters: request.params as z.output<Parameters>,
            body: request.body as z.output<Body>,
            scope,
            request,
            reply,
          });
          return reply.sent ? reply : reply.send(result);
        },
      });
    },
  };
}
