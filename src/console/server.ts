// The console's HTTP server: puts declared routes, error shape, security headers and the OpenAPI document together. No port is opened here:
// tests call `inject`, the process calls `listen`.
import swagger from '@fastify/swagger';
import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  isResponseSerializationError,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BinnacleError, messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Credentials } from './access.ts';
import { defineRoute, type Route } from './route.ts';

export interface ConsoleServer {
  readonly routes: readonly Route[];
  readonly credentials: Credentials;
  readonly logger: Logger;
  readonly version: string;
}

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** The OpenAI-shaped error body of whatever was thrown; nothing of an unexpected error but its name reaches the caller. */
function errorBody(error: FastifyError): {
  status: number;
  code: string;
  message: string;
  param: string | null;
} {
  if (error instanceof BinnacleError)
    return {
      status: error.httpStatus,
      code: error.code,
      message: error.message,
      param: error.param ?? null,
    };
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issue = error.validation[0];
    const where = (issue?.instancePath ?? '').slice(1).replaceAll('/', '.');
    const place = where === '' ? (error.validationContext ?? 'request') : where;
    return {
      status: 400,
      code: 'bad_request',
      message: `${place}: ${issue?.message ?? 'is not valid'}`,
      param: place,
    };
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return { status, code: 'bad_request', message: messageOf(error), param: null };
  return {
    status: 500,
    code: 'internal',
    message: 'The console failed at this; its log says more.',
    param: null,
  };
}

function answerError(logger: Logger) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const body = errorBody(error);
    if (body.status >= 500) {
      const cause = isResponseSerializationError(error)
        ? JSON.stringify(error.cause.issues).slice(0, 2000)
        : undefined;
      logger.log('error', 'request failed', {
        method: request.method,
        path: request.routeOptions.url,
        code: body.code,
        error: error.stack ?? messageOf(error),
        cause,
      });
    }
    if (error instanceof BinnacleError && error.retryAfterSeconds !== undefined)
      reply.header('retry-after', Math.ceil(error.retryAfterSeconds));
    if (body.status === 401) reply.header('www-authenticate', 'Bearer');
    void reply.code(body.status).send({
      error: {
        message: body.message,
        type: body.status >= 500 ? 'server_error' : 'invalid_request_error',
        code: body.code,
        param: body.param,
      },
    });
  };
}

function openApiRoute(app: FastifyInstance): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/openapi.json',
    access: 'open',
    summary: 'This document',
    response: z.record(z.string(), z.unknown()),
    handle: async () => structuredClone(app.swagger()) as unknown as Record<string, unknown>,
  });
}

/** The console as a Fastify application with every route registered. */
export async function buildConsole(server: ConsoleServer): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: 1024 * 1024,
    requestTimeout: 120_000,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: true,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError(server.logger));
  app.setNotFoundHandler((request, reply) => {
    void reply.code(404).send({
      error: {
        message: `There is no ${request.method} ${request.url.split('?')[0]?.slice(0, 200)} here; /api/openapi.json lists what there is.`,
        type: 'invalid_request_error',
        code: 'not_found',
        param: null,
      },
    });
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, ...reply.getHeaders() });
  });
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Binnacle console API',
        version: server.version,
        description:
          'Answers on loopback only. Reads from this machine need no token; writes need the admin token. Times are ISO 8601 UTC, `_ms` milliseconds, `_usd` US$ as decimal strings.',
      },
      components: { securitySchemes: { admin: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
  });
  app.after(() => {
    for (const route of [...server.routes, openApiRoute(app)]) route.add(app, server.credentials);
  });
  await app.ready();
  return app;
}
