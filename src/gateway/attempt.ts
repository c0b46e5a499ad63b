// One attempt: a call of one deployment, timed and recorded. A stream counts as answered once it has shown content, so that everything
// before that can still become an ordinary error, or another attempt.
import type { CanonicalRequest } from '../contract/canonical.ts';
import type { Attempt } from '../contract/interaction.ts';
import { UpstreamError } from '../contract/upstream-error.ts';
import type { Clock } from '../kernel/clock.ts';
import { BinnacleError, RequestError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Provider } from '../providers/provider.ts';
import type { Answer, Exchange } from './exchange.ts';
import { primeStream } from './prime-stream.ts';
import type { ServingDeployment } from './serving-snapshot.ts';

export interface AttemptServices {
  readonly clock: Clock;
  /** By `kind`. */
  readonly providers: ReadonlyMap<string, Provider>;
}

/** Throws where the deployment lacks what its calls need: nothing was called then. */
export function providerOf(deployment: ServingDeployment, services: AttemptServices): Provider {
  if (deployment.missing.length > 0) {
    throw new BinnacleError({
      code: 'provider_not_configured',
      message: `Provider "${deployment.provider}" needs ${deployment.missing.join(', ')} in the gateway's environment.`,
      httpStatus: 502,
    });
  }
  const provider = services.providers.get(deployment.kind);
  if (provider !== undefined) return provider;
  throw new BinnacleError({
    code: 'unknown_provider_kind',
    message: `Provider "${deployment.provider}" is of kind "${deployment.kind}", which this gateway does not know.`,
    httpStatus: 502,
  });
}

/** The canonical request as the provider gets it: a managed prompt is rendered by now. */
function upstreamRequest(exchange: Exchange): CanonicalRequest {
  if (exchange.request.prompt === undefined) return exchange.request;
  const { prompt: _rendered, ...request } = exchange.request;
  return request;
}

function beginAttempt(exchange: Exchange, deployment: ServingDeployment, now: number): Attempt {
  const attempt: Attempt = {
    id: newId('att', now),
    provider: deployment.provider,
    model: exchange.route?.model ?? '',
    upstream_model: deployment.target.upstreamModel,
    answered_model: null,
    fingerprint: null,
    started_at: now,
    latency_ms: 0,
    ttft_ms: null,
    http_status: null,
    error_kind: null,
    usage: null,
    usage_source: 'none',
    cost_usd: null,
  };
  exchange.attempts.push(attempt);
  return attempt;
}

async function embed(exchange: Exchange, provider: Provider, deployment: ServingDeployment): Promise<Answer> {
  if (provider.embed === undefined) {
    throw new RequestError({
      code: 'embeddings_not_supported',
      message: `Provider "${deployment.provider}" has no embeddings; choose another model.`,
      param: 'model',
    });
  }
  const inputs = exchange.request.messages.map((message) =>
    message.parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
  );
  const embeddings = await provider.embed(
    {
      inputs,
      ...(exchange.embeddingDimensions === null ? {} : { dimensions: exchange.embeddingDimensions }),
      ...(exchange.request.endUser === undefined ? {} : { endUser: exchange.request.endUser }),
    },
    deployment.target,
    { signal: exchange.abort.signal },
  );
  return { kind: 'embeddings', head: { status: 200, headers: {} }, embeddings };
}

async function chat(exchange: Exchange, provider: Provider, deployment: ServingDeployment): Promise<Answer> {
  const answer = await provider.chat(upstreamRequest(exchange), deployment.target, {
    signal: exchange.abort.signal,
  });
  if (answer.kind === 'response') return answer;
  return { kind: 'stream', head: answer.head, stream: await primeStream(answer.chunks) };
}

function noteFailure(attempt: Attempt, thrown: unknown): void {
  const isAborted = thrown instanceof RequestError && thrown.code === 'aborted';
  attempt.error_kind = thrown instanceof UpstreamError ? thrown.kind : isAborted ? 'aborted' : 'api_error';
  attempt.http_status = thrown instanceof UpstreamError ? (thrown.upstreamStatus ?? null) : null;
}

/** Makes one attempt and records it. Throws what the provider throws. */
export async function attemptCall(
  exchange: Exchange,
  deployment: ServingDeployment,
  services: AttemptServices,
): Promise<Answer> {
  const provider = providerOf(deployment, services);
  const started = services.clock.monotonic();
  const attempt = beginAttempt(exchange, deployment, services.clock.now());
  try {
    const answer = await (exchange.kind === 'chat' ? chat : embed)(exchange, provider, deployment);
    attempt.http_status = answer.head.status;
    if (answer.kind === 'stream') attempt.ttft_ms = services.clock.monotonic() - started;
    return answer;
  } catch (thrown) {
    noteFailure(attempt, thrown);
    throw thrown;
  } finally {
    attempt.latency_ms = services.clock.monotonic() - started;
  }
}
