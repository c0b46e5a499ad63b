// The gateway put together from its parts: stages, endpoints, server. Knows no process: the gateway process, tests and benchmarks hand in
// what it needs.
import { AnswerCache } from '../cache/answer-cache.ts';
import type { IdempotencyStore } from '../cache/idempotency-store.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { GuardBook } from '../gateway/guard/guard-book.ts';
import { InteractionOwners } from '../gateway/interaction-owners.ts';
import { gatewayMetrics } from '../gateway/metrics.ts';
import { chatEndpoint, embeddingsEndpoint } from '../gateway/model-endpoint.ts';
import { isLoopbackAddress } from '../gateway/head-check.ts';
import { startServer, type GatewayServer } from '../gateway/server.ts';
import { serviceEndpoints } from '../gateway/service-endpoints.ts';
import type { ServingSnapshot } from '../gateway/serving-snapshot.ts';
import { gatewayStages } from '../gateway/stages.ts';
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
  /** Answers under idempotency keys. Default: such keys are not honoured. */
  readonly replays?: IdempotencyStore;
  /** Guardrails by snapshot. Default: a book that reaches nothing outside of this process, with a pool of its own. */
  readonly guards?: GuardBook;
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

/** Starts to serve. */
export function composeGateway(parts: GatewayParts): Promise<GatewayServer> {
  let server: GatewayServer | null = null;
  const loopback = isLoopbackAddress(parts.host);
  const errors = [...parts.shapes.values()][0];
  if (errors === undefined) throw new Error('A gateway needs at least one API shape.');
  const metrics = gatewayMetrics({
    inFlight: () => server?.inFlight() ?? 0,
    spool: () => parts.spool.figures(),
  });
  const { clock } = parts;
  const counters = parts.counters ?? new MemoryCounters(clock);
  const owners = new InteractionOwners();
  const board = new DeploymentBoard(clock);
  const stages = gatewayStages({
    ...parts,
    guards: parts.guards ?? ownGuards(parts.logger),
    board,
    owners,
    budgets: new BudgetKeeper(counters),
    rates: new RateKeeper(counters),
    answers: new AnswerCache({ clock }),
    replays: parts.replays ?? null,
    retryBudget: new RetryBudget(clock),
    loopback,
    drainMs: parts.drainMs ?? 30_000,
    drainCharacters: parts.drainCharacters ?? 1024 * 1024,
  });
  const admission = new Admission(clock, parts.admission);
  const services = {
    ...parts,
    admission,
    owners,
    stages,
    loopback,
    maxBodyBytes: parts.maxBodyBytes ?? 20 * 1024 * 1024,
  };
  const endpoints = [
    ...[...parts.shapes].map(([path, shape]) => chatEndpoint(path, shape, services)),
    embeddingsEndpoint(errors, services),
    ...serviceEndpoints({ ...services, errors, metricsText: () => metrics.registry.metrics() }),
  ];
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
