// A provider over HTTP: an API shape, a transport and a little data (where to send, which headers). Most vendors are no more than this.
import type { CanonicalRequest } from '../contract/canonical.ts';
import { UpstreamError } from '../contract/upstream-error.ts';
import type { Clock } from '../kernel/clock.ts';
import { kindOfErrorWords, kindOfStatus } from '../wire/error-kind.ts';
import { readEmbeddingsResponse, writeEmbeddingsRequest } from '../wire/embeddings/embeddings.ts';
import type { OutboundShape } from '../wire/shape.ts';
import { answerHeadOf } from './answer-head.ts';
import { readStream, wholeAsStream } from './http-stream.ts';
import type {
  CallContext,
  EmbeddingsAnswer,
  EmbeddingsRequest,
  Provider,
  ProviderAnswer,
  Target,
} from './provider.ts';
import { retryAfterSeconds } from './retry-after.ts';
import type { Transport, TransportAnswer } from './transport.ts';

const MAX_MESSAGE_CHARACTERS = 1000;

/** What a vendor is, beyond its shape. */
export interface HttpProviderSpec {
  /** The `kind` in models.yaml. */
  readonly kind: string;
  /** The shape as this target speaks it; without a request, for its errors. */
  readonly shapeOf: (target: Target, request?: CanonicalRequest) => OutboundShape;
  /** Where chat requests go. Throws a UsageError for a target that lacks what the URL needs. */
  readonly chatUrl: (target: Target, request: CanonicalRequest) => string;
  /** Credentials and what else the vendor wants, beside `content-type` and `accept`. */
  readonly headers: (target: Target, request?: CanonicalRequest) => Readonly<Record<string, string>>;
  /** Where embeddings are asked for; absent where the vendor has none. */
  readonly embeddingsUrl?: (target: Target) => string;
  /** How embeddings are written and read; absent: OpenAI's format. */
  readonly embeddingsFormat?: EmbeddingsFormat;
}

export interface EmbeddingsFormat {
  readonly write: (request: EmbeddingsRequest, upstreamModel: string) => string;
  /** Vectors in the order of the inputs. Throws an UpstreamError `bad_answer`. */
  readonly read: (text: string, expected: number, provider: string) => EmbeddingsAnswer;
}

const OPENAI_EMBEDDINGS: EmbeddingsFormat = {
  write: writeEmbeddingsRequest,
  read: readEmbeddingsResponse,
};

export interface HttpProviderParts {
  readonly transport: Transport;
  readonly clock: Clock;
}

/** The base URL of a target, or the vendor's own where models.yaml sets none. */
export function baseUrlOf(target: Target, vendorUrl: string): string {
  return target.baseUrl === '' ? vendorUrl : target.baseUrl;
}

/** `base` without its trailing slash, then `path`. */
export function joinUrl(base: string, path: string): string {
  return base.endsWith('/') ? base.slice(0, -1) + path : base + path;
}

/** Headers a configuration may not set: they belong to the connection or the body. */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'content-type',
  'accept-encoding',
  'expect',
  'upgrade',
]);

function headersFor(
  spec: HttpProviderSpec,
  target: Target,
  request?: CanonicalRequest,
): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: request?.stream === true ? 'text/event-stream' : 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'binnacle',
    ...spec.headers(target, request),
  };
  for (const name in target.headers) {
    const lower = name.toLowerCase();
    if (!RESERVED_HEADERS.has(lower)) headers[lower] = target.headers[name] as string;
  }
  return headers;
}

/** Text of a vendor's error without our key in it, in one line, bounded. */
function safeMessage(message: string | undefined, target: Target): string {
  if (message === undefined || message.trim() === '') return 'it gave no reason';
  const oneLine = message.replace(/\s+/g, ' ').slice(0, MAX_MESSAGE_CHARACTERS);
  return target.apiKey === undefined || target.apiKey === ''
    ? oneLine
    : oneLine.replaceAll(target.apiKey, '[key]');
}

function errorOfStatus(
  status: number,
  headers: TransportAnswer['headers'],
  text: string,
  parts: { target: Target; shape: OutboundShape; now: number },
): UpstreamError {
  const { target, shape, now } = parts;
  const said = shape.readError(text);
  const byStatus = kindOfStatus(status);
  const isFiltered = byStatus === 'invalid_request' && kindOfErrorWords(said.code) === 'content_filter';
  const kind = isFiltered ? 'content_filter' : byStatus;
  const seconds = retryAfterSeconds(headers, now);
  const message =
    kind === 'authentication'
      ? `${target.provider} refused our credentials (${status}): check its api_key in models.yaml.`
      : `${target.provider} answered ${status}: ${safeMessage(said.message, target)}`;
  return new UpstreamError({
    kind,
    provider: target.provider,
    message,
    upstreamStatus: status,
    ...(said.param === undefined ? {} : { param: said.param }),
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  });
}

async function refuseErrorStatus(
  answer: TransportAnswer,
  target: Target,
  shape: OutboundShape,
  clock: Clock,
): Promise<void> {
  if (answer.status === 200) return;
  if (answer.status < 400) {
    answer.cancel();
    throw new UpstreamError({
      kind: 'bad_answer',
      provider: target.provider,
      message: `${target.provider} answered ${answer.status} where 200 is documented: check its base_url.`,
      upstreamStatus: answer.status,
    });
  }
  let text = '';
  try {
    text = await answer.text();
  } catch {
    // The status alone says enough.
  }
  throw errorOfStatus(answer.status, answer.headers, text, { target, shape, now: clock.now() });
}

function isEventStream(answer: TransportAnswer): boolean {
  const type = answer.headers['content-type'];
  return typeof type !== 'string' || !type.toLowerCase().includes('json');
}

export function httpProvider(spec: HttpProviderSpec, parts: HttpProviderParts): Provider {
  const { transport, clock } = parts;

  async function chat(
    request: CanonicalRequest,
    target: Target,
    context: CallContext,
  ): Promise<ProviderAnswer> {
    const shape = spec.shapeOf(target, request);
    const body = shape.writeRequest(request, target.upstreamModel);
    const url = spec.chatUrl(target, request);
    const headers = headersFor(spec, target, request);
    const answer = await transport.send({ url, headers, body }, target, context.signal);
    await refuseErrorStatus(answer, target, shape, clock);
    const head = answerHeadOf(answer.status, answer.headers);
    if (request.stream && isEventStream(answer))
      return {
        kind: 'stream',
        head,
        chunks: readStream(answer, shape.streamReader(target.provider), target.provider),
      };
    const response = shape.readResponse(await answer.text(), target.provider);
    return request.stream
      ? { kind: 'stream', head, chunks: wholeAsStream(response) }
      : { kind: 'response', head, response };
  }

  async function embed(
    request: EmbeddingsRequest,
    target: Target,
    context: CallContext,
    urlOf: (target: Target) => string,
  ): Promise<EmbeddingsAnswer> {
    const format = spec.embeddingsFormat ?? OPENAI_EMBEDDINGS;
    const body = format.write(request, target.upstreamModel);
    const headers = headersFor(spec, target);
    const answer = await transport.send({ url: urlOf(target), headers, body }, target, context.signal);
    await refuseErrorStatus(answer, target, spec.shapeOf(target), clock);
    return format.read(await answer.text(), request.inputs.length, target.provider);
  }

  const { embeddingsUrl } = spec;
  if (embeddingsUrl === undefined) return { kind: spec.kind, chat };
  return {
    kind: spec.kind,
    chat,
    embed: (request, target, context) => embed(request, target, context, embeddingsUrl),
  };
}
