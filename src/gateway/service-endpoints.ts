// The small endpoints beside the model calls: the list of models, feedback, health.
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { FeedbackRow } from '../contract/interaction.ts';
import type { Clock } from '../kernel/clock.ts';
import { RequestError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { isInScope } from '../limits/api-key.ts';
import type { Spool } from '../storage/spool/spool.ts';
import type { InboundShape } from '../wire/shape.ts';
import { readJsonBody } from './body.ts';
import type { Endpoint } from './endpoint.ts';
import { credentialOf } from './headers.ts';
import type { InteractionOwners } from './interaction-owners.ts';
import { requireSnapshot, type ServingSnapshot } from './serving-snapshot.ts';
import { identify, type AuthenticateServices } from './stages/authenticate.ts';

export interface ServiceEndpointServices extends AuthenticateServices {
  readonly clock: Clock;
  readonly spool: Spool;
  readonly owners: InteractionOwners;
  readonly errors: Pick<InboundShape, 'writeError'>;
  readonly currentSnapshot: () => ServingSnapshot | null;
  /** Facts of the parts that run beside serving (snapshot source, spool pusher), for `/healthz`. */
  readonly health: () => Readonly<Record<string, unknown>>;
  /** Prometheus text. */
  readonly metricsText: () => Promise<string>;
}

const MAX_FEEDBACK_BYTES = 64 * 1024;

const feedbackSchema = z
  .strictObject({
    interaction: z
      .string()
      .regex(/^int_[0-9a-f]{32}$/, 'an interaction id, as x-binnacle-interaction gave it'),
    thumb: z.enum(['up', 'down']).nullish(),
    rating: z.number().int().min(1).max(5).nullish(),
    comment: z.string().max(10_000).nullish(),
    task_completed: z.boolean().nullish(),
    labels: z.array(z.string().min(1).max(100)).max(20).nullish(),
  })
  .refine(
    (body) =>
      [body.thumb, body.rating, body.comment, body.task_completed, body.labels].some((one) => one != null),
    'give at least one of thumb, rating, comment, task_completed, labels',
  );

function readFeedback(body: unknown): z.infer<typeof feedbackSchema> {
  const read = feedbackSchema.safeParse(body);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const param = issue?.path.join('.') ?? '';
  throw new RequestError({
    code: 'invalid_feedback',
    message: `${param === '' ? 'The feedback' : param}: ${issue?.message ?? 'not valid'}.`,
    ...(param === '' ? {} : { param }),
  });
}

function shownBy(incoming: IncomingMessage): Parameters<typeof identify>[0] {
  return { credential: credentialOf(incoming.headers), connection: incoming.socket };
}

/** What is another key's is as unknown as what is not there. */
function unknownInteraction(): RequestError {
  return new RequestError({
    code: 'interaction_not_found',
    message: 'There is no such interaction of this key: send feedback with the key that asked.',
    httpStatus: 404,
    param: 'interaction',
  });
}

/** Without `errors`, which all of them write alike. */
type ServiceEndpoint = Omit<Endpoint, 'errors'>;

function feedbackEndpoint(services: ServiceEndpointServices): ServiceEndpoint {
  return {
    method: 'POST',
    path: '/v1/feedback',
    async handle(incoming, reply) {
      const key = identify(shownBy(incoming), requireSnapshot(services.currentSnapshot()), services);
      const { value } = await readJsonBody(incoming, MAX_FEEDBACK_BYTES);
      const body = readFeedback(value);
      if (services.owners.isOfAnother(body.interaction, key?.id ?? '')) throw unknownInteraction();
      const now = services.clock.now();
      const row: FeedbackRow = {
        row: 'feedback',
        id: newId('fbk', now),
        at: now,
        interaction: body.interaction,
        key: key?.id ?? '',
        thumb: body.thumb ?? null,
        rating: body.rating ?? null,
        comment: body.comment ?? '',
        task_completed: body.task_completed ?? null,
        labels: body.labels ?? [],
      };
      await services.spool.appendDurable(row);
      reply.send(202, [], JSON.stringify({ id: row.id, object: 'feedback', interaction: row.interaction }));
    },
  };
}

/** OpenAI's list of models: ids of models.yaml the key may use, and `auto` where there are rules. */
function modelsEndpoint(services: ServiceEndpointServices): ServiceEndpoint {
  return {
    method: 'GET',
    path: '/v1/models',
    handle(incoming, reply) {
      const ready = requireSnapshot(services.currentSnapshot());
      const key = identify(shownBy(incoming), ready, services);
      const created = Math.floor(ready.snapshot.compiledAt / 1000);
      const data = [...ready.models.values()]
        .filter((model) => isInScope(key?.models, model.name))
        .map((model) => ({
          id: model.name,
          object: 'model',
          created,
          owned_by: model.deployments[0]?.provider ?? 'binnacle',
        }));
      if (ready.snapshot.routing.length > 0)
        data.push({ id: 'auto', object: 'model', created, owned_by: 'binnacle' });
      reply.send(200, [], JSON.stringify({ object: 'list', data }));
    },
  };
}

/** Ready: a snapshot is loaded and the spool takes rows. */
function readyEndpoint(services: ServiceEndpointServices): ServiceEndpoint {
  return {
    method: 'GET',
    path: '/readyz',
    handle(_incoming, reply) {
      const snapshot = services.currentSnapshot() !== null;
      const spool = services.spool.isWritable();
      const ready = snapshot && spool;
      reply.send(
        ready ? 200 : 503,
        ready ? [] : ['retry-after', '1'],
        JSON.stringify({ ready, snapshot, spool }),
      );
    },
  };
}

/** Alive, and how far the parts beside serving lag; lag does not take a serving gateway out. */
function healthEndpoint(services: ServiceEndpointServices): ServiceEndpoint {
  return {
    method: 'GET',
    path: '/healthz',
    handle(_incoming, reply) {
      const body = { status: 'ok', spool: services.spool.figures(), ...services.health() };
      reply.send(200, [], JSON.stringify(body));
    },
  };
}

function metricsEndpoint(services: ServiceEndpointServices): ServiceEndpoint {
  return {
    method: 'GET',
    path: '/metrics',
    async handle(_incoming, reply) {
      reply.send(200, [], await services.metricsText(), 'text/plain; version=0.0.4; charset=utf-8');
    },
  };
}

export function serviceEndpoints(services: ServiceEndpointServices): readonly Endpoint[] {
  const { errors } = services;
  const endpoints = [
    modelsEndpoint(services),
    feedbackEndpoint(services),
    healthEndpoint(services),
    readyEndpoint(services),
    metricsEndpoint(services),
  ];
  return endpoints.map((endpoint) => ({ ...endpoint, errors }));
}
