// The endpoints that call a model: read the body in the endpoint's API shape, make the exchange, run it through the stages.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { CanonicalRequest } from '../contract/canonical.ts';
import { OWN_TAGS } from '../contract/own-tags.ts';
import type { Clock } from '../kernel/clock.ts';
import { messageOf, RequestError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Admission } from '../limits/admission.ts';
import type { InboundShape } from '../wire/shape.ts';
import { readJsonBody } from './body.ts';
import { readEmbeddings } from './embeddings-shape.ts';
import type { Endpoint } from './endpoint.ts';
import { newExchange, type Exchange } from './exchange.ts';
import { betasOf, credentialOf, fromClient } from './headers.ts';
import { questionOf } from './question.ts';
import type { Reply } from './reply.ts';
import { requireSnapshot, type ServingSnapshot } from './serving-snapshot.ts';
import { holdingBytes, shed } from './shed.ts';
import { runStages, type Stage } from './stage.ts';

export interface ModelEndpointServices {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stages: readonly Stage[];
  /** The snapshot to serve from; null until one is loaded. */
  readonly currentSnapshot: () => ServingSnapshot | null;
  readonly maxBodyBytes: number;
  readonly admission: Admission;
  /** Whether requests may carry the tags of the installation's own calls: where it is its own only caller. Default: no. */
  readonly takesOwnTags?: boolean;
}

/** Body and head in, what the exchange begins with out. */
type ReadBody = (
  body: unknown,
  headers: IncomingHttpHeaders,
) => { readonly request: CanonicalRequest; readonly dimensions: number | null };

const MAX_TAGS = 50;

/** Throws for a tag that would pass the caller's traffic off as the installation's own. */
function tagsOf(metadata: Readonly<Record<string, string>>, mayBeOwn: boolean): readonly string[] {
  const text = metadata['tags'];
  if (text === undefined) return [];
  const tags = text
    .split(',', MAX_TAGS)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  const own = mayBeOwn ? undefined : tags.find((tag) => OWN_TAGS.includes(tag));
  if (own === undefined) return tags;
  throw new RequestError({
    code: 'reserved_tag',
    message: `The tag "${own}" marks calls of the installation itself, which count in no metric of its users: use another one.`,
    param: 'metadata.tags',
  });
}

interface Arrival {
  readonly incoming: IncomingMessage;
  readonly reply: Reply;
  readonly bytes: number;
  readonly arrivedAt: number;
  readonly arrivedMonotonic: number;
  readonly mayCarryOwnTags: boolean;
}

function exchangeOf(
  endpoint: { readonly path: string; readonly shape: InboundShape; readonly kind: 'chat' | 'embeddings' },
  read: ReturnType<ReadBody>,
  snapshot: ServingSnapshot,
  arrival: Arrival,
): Exchange {
  const { headers } = arrival.incoming;
  const { request } = read;
  const idempotencyKey = headers['idempotency-key'];
  const exchange = newExchange({
    id: newId('int', arrival.arrivedAt),
    kind: endpoint.kind,
    endpoint: endpoint.path,
    shape: endpoint.shape,
    snapshot,
    client: {
      credential: credentialOf(headers),
      connection: arrival.incoming.socket,
      idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : null,
      headers: fromClient(headers),
    },
    reply: arrival.reply,
    arrivedAt: arrival.arrivedAt,
    arrivedMonotonic: arrival.arrivedMonotonic,
    request,
    requestBytes: arrival.bytes,
    question: questionOf(request),
  });
  exchange.embeddingDimensions = read.dimensions;
  exchange.sensitive = request.metadata['sensitive'] === 'true';
  exchange.tags = tagsOf(request.metadata, arrival.mayCarryOwnTags);
  if (request.metadata['workload'] === 'batch') exchange.workload = 'batch';
  return exchange;
}

/** Bytes a body will take: as its head says; where that says nothing or it is compressed, some multiple of what is usual. */
function declaredBytes({ headers }: IncomingMessage, most: number): number {
  const length = Number(headers['content-length'] ?? 64 * 1024);
  const factor = headers['content-encoding'] === undefined ? 1 : 8;
  return Number.isFinite(length) ? Math.min(most, length * factor) : most;
}

function modelEndpoint(
  path: string,
  shape: InboundShape,
  kind: 'chat' | 'embeddings',
  read: ReadBody,
  services: ModelEndpointServices,
): Endpoint {
  const facts = { path, shape, kind };
  const report = (thrown: unknown, stage: string): void =>
    services.logger.log('error', 'stage failed', {
      stage,
      path,
      error: messageOf(thrown),
      stack: thrown instanceof Error ? thrown.stack : undefined,
    });
  return {
    method: 'POST',
    path,
    errors: shape,
    async handle(incoming, reply) {
      const arrivedAt = services.clock.now();
      const arrivedMonotonic = services.clock.monotonic();
      const { admission, maxBodyBytes, stages } = services;
      const snapshot = requireSnapshot(services.currentSnapshot());
      const verdict = admission.admit(snapshot.snapshot.capacity);
      if (!verdict.admitted) return shed(incoming, reply, shape, verdict);
      try {
        await holdingBytes(admission, declaredBytes(incoming, maxBodyBytes), async () => {
          const { value, bytes } = await readJsonBody(incoming, maxBodyBytes);
          const mayCarryOwnTags = services.takesOwnTags === true;
          const arrival = { incoming, reply, bytes, arrivedAt, arrivedMonotonic, mayCarryOwnTags };
          await runStages(
            stages,
            exchangeOf(facts, read(value, incoming.headers), snapshot, arrival),
            report,
          );
        });
      } finally {
        admission.left();
      }
    },
  };
}

/** A chat endpoint: `/v1/chat/completions`, `/v1/responses`, `/v1/messages`, each in its API shape. */
export function chatEndpoint(path: string, shape: InboundShape, services: ModelEndpointServices): Endpoint {
  return modelEndpoint(
    path,
    shape,
    'chat',
    (body, headers) => {
      const request = shape.readRequest(body);
      const betas = shape.shape === 'anthropic-messages' ? betasOf(headers) : undefined;
      return { request: betas === undefined ? request : { ...request, betas }, dimensions: null };
    },
    services,
  );
}

/** `/v1/embeddings`; its errors are OpenAI's. */
export function embeddingsEndpoint(shape: InboundShape, services: ModelEndpointServices): Endpoint {
  return modelEndpoint('/v1/embeddings', shape, 'embeddings', readEmbeddings, services);
}
