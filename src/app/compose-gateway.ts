// The gateway put together from its parts: stages, endpoints, server. Knows no process: the gateway process, tests and benchmarks hand in
// what it needs.
import { AnswerCache } from '../cache/answer-cache.ts';
import type { IdempotencyStore } from '../cache/idempotency-store.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { GuardBook } from '../gateway/guard/guard-book.ts';
import { GuardrailJudge } from '../gateway/guard/guardrail-judge.ts';
import { InteractionOwners } from '../gateway/interaction-owners.ts';
import { gatewayMetrics } from '../gateway/metrics.ts';
import type { Endpoint } from '../gateway/endpoint.ts';
import { chatEndpoint, embeddingsEndpoint, type ModelEndpointServices } from '../gateway/model-endpoint.ts';
import { isLoopbackAddress } from '../gateway/head-check.ts';
import { startServer, type GatewayServer } from '../gateway/server.ts';
import { serviceEndpoints, type ServiceEndpointServices } from '../gateway/service-endpoints.ts';
import type { ServingSnapshot } from '../gateway/serving-snapshot.ts';
import { gatewayStages, judgeStages } from '../gateway/stages.ts';
import type { AssignVersion } from '../gateway/stages/resolve-prompt.ts';
import { Admission, watchLoop, type AdmissionSettings } from '../limits/admission.ts';
import { BudgetKeeper } from '../limits/budget-keeper.ts';
import { RateKeeper } from '../limits/rate-keeper.ts';
import type { Provider } from '../providers/provider.ts';
import { GuardrailPool } from '../safety/pool/pool.ts';
import { DeploymentBoard } from '../routing/deployment-board.ts';
import { RetryBudget } from '../routing/retry.ts';
import type { DetectLanguage } from '../routing/rules.ts';
import type { Counters } from '../storage/counters/counters.ts';
import { MemoryCounters } from '../storage/counters/memory-counters.ts';
import type { Spool } from '../storage/spool/spool.ts';
import type { InboundShape } from '../wire/shape.ts';

export interface GatewayParts {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spool: Spool;
  readonly currentSnapshot: () => ServingSnapshot | null;
  readonly providers: ReadonlyMap<string, Provider>;
  /** The API shapes served, by path of their endpoint; the first one writes errors of requests that reach no endpoint. */
  readonly shapes: ReadonlyMap<string, InboundShape>;
  readonly assignVersion: AssignVersion;
  readonly detectLanguage: DetectLanguage;
  readonly keySecret: () => string;
  readonly random: () => number;
  /** Beside serving: what `/healthz` tells of snapshot source and spool pusher. */
  readonly health: () => Readonly<Record<string, unknown>>;
  /** Budgets, rates, places. Default: in memory, empty. */
  readonly counters?: Counters;
  /** Hears of each interaction whose cost is now in its budgets. */
  readonly noteBudgetSettled?: (interaction: string) => void;
  /** The exact cache. Default: one of its own. */
  readonly answers?: AnswerCache;
  /** Answers under idempotency keys. Default: such keys are not honoured. */
  readonly replays?: IdempotencyStore;
  /** Guardrails by snapshot. Default: a book that reaches nothing outside of this process, with a pool of its own. */
  readonly guards?: GuardBook;
  /** Whether requests may carry the tags of the installation's own calls. Default: no. */
  readonly takesOwnTags?: boolean;
  /** When requests are shed. Default: DEFAULT_ADMISSION. */
  readonly admission?: AdmissionSettings;
  /** Bytes of one body, before and after decompression. Default 20 MiB. */
  readonly maxBodyBytes?: number;
  /** How long an upstream call goes on after its client left, milliseconds. Default 30 s. */
  readonly drainMs?: number;
  /** Answer text read on after its client left, UTF-16 units. Default 1 Mi. */
  readonly drainCharacters?: number;
}

function ownGuards(logger: Logger): GuardBook {
  return new GuardBook({ services: {}, elsewhere: new GuardrailPool().run, logger });
}

function firstShape({ shapes }: GatewayParts): InboundShape {
  const [first] = shapes.values();
  if (first === undefined) throw new Error('A gateway needs at least one API shape.');
  return first;
}

function endpointsFor(
  shapes: GatewayParts['shapes'],
  errors: InboundShape,
  services: ModelEndpointServices & ServiceEndpointServices,
): readonly Endpoint[] {
  return [
    ...[...shapes].map(([path, shape]) => chatEndpoint(path, shape, services)),
    embeddingsEndpoint(errors, services),
    ...serviceEndpoints(services),
  ];
}

/** Starts to serve. */
export function composeGateway(parts: GatewayParts): Promise<GatewayServer> {
  let server: GatewayServer | null = null;
  const loopback = isLoopbackAddress(parts.host);
  const errors = firstShape(parts);
  const metrics = gatewayMetrics({
    inFlight: () => server?.inFlight() ?? 0,
    spool: () => parts.spool.figures(),
  });
  const { clock } = parts;
  const counters = parts.counters ?? new MemoryCounters(clock);
  const owners = new InteractionOwners();
  const guards = parts.guards ?? ownGuards(parts.logger);
  const services = {
    ...parts,
    guards,
    board: new DeploymentBoard(clock),
    owners,
    budgets: new BudgetKeeper(counters),
    rates: new RateKeeper(counters),
    answers: parts.answers ?? new AnswerCache({ clock }),
    replays: parts.replays ?? null,
    retryBudget: new RetryBudget(clock),
    loopback,
    drainMs: parts.drainMs ?? 30_000,
    drainCharacters: parts.drainCharacters ?? 1024 * 1024,
  };
  guards.judgeBy(new GuardrailJudge({ ...parts, stages: judgeStages(services), shape: errors }).ask);
  const admission = new Admission(clock, parts.admission);
  const forEndpoints = {
    ...parts,
    admission,
    owners,
    stages: gatewayStages(services),
    loopback,
    maxBodyBytes: parts.maxBodyBytes ?? 20 * 1024 * 1024,
  };
  const endpoints = endpointsFor(parts.shapes, errors, {
    ...forEndpoints,
    errors,
    metricsText: () => metrics.registry.metrics(),
  });
  return startServer({
    host: parts.host,
    port: parts.port,
    endpoints,
    errors,
    logger: parts.logger,
    observe: (path, status, milliseconds) => metrics.observe(path, status, milliseconds),
  }).then((started) => {
    const stopWatching = watchLoop(admission, clock);
    server = {
      ...started,
      close: async (grace) => {
        stopWatching();
        await started.close(grace);
      },
    };
    return server;
  });
}
