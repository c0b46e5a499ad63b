// The gateway that evaluation runs answer through: the same stages as live traffic, in this process, on a loopback port of its own, with
// versions under evaluation served by label. Its interactions go to a spool in the data folder that the console takes in.
import { Agent } from 'undici';
import { join } from 'node:path';
import type { EndRow, SpoolRow } from '../contract/interaction.ts';
import { GUARDRAIL_TAG } from '../contract/own-tags.ts';
import type { PromptVersion, Snapshot } from '../contract/snapshot.ts';
import type { AskGateway } from '../evaluation/run/gateway-call.ts';
import type { SpendCeiling } from '../evaluation/run/spend-ceiling.ts';
import { prepareSnapshot } from '../gateway/serving-snapshot.ts';
import { systemClock } from '../kernel/clock.ts';
import { BinnacleError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { parseUsd } from '../kernel/money.ts';
import { UndiciTransport } from '../providers/transport.ts';
import { lockFolder } from '../storage/folder-lock.ts';
import { openSpool, type Spool } from '../storage/spool/spool.ts';
import type { Environment } from '../workspace/environment.ts';
import { CallSlots } from './call-slots.ts';
import { composeGateway } from './compose-gateway.ts';
import { evaluationClient } from './evaluation-client.ts';
import { gatewayGuards } from './gateway-guards.ts';
import { gatewayProviders, gatewayShapes } from './gateway-tables.ts';
import { LanguageOnDemand } from './language-on-demand.ts';
import { secretResolver } from './secret-resolver.ts';

/** Folder of the data folder that holds one spool a run, until the console has taken it in. */
export const RUN_SPOOLS = 'run-spools';

/** Beside each call at a vendor there may be one whose answer is on its way back. */
const CONNECTIONS_A_CALL = 2;

/** A version under evaluation, on the model it is evaluated on. */
export interface ServedVersion {
  readonly label: string;
  readonly version: PromptVersion;
}

export interface EvaluationGatewayParts {
  readonly run: string;
  readonly snapshot: Snapshot;
  readonly served: readonly ServedVersion[];
  readonly workspaceFolder: string;
  readonly dataFolder: string;
  readonly environment: Environment;
  readonly logger: Logger;
  /** Which ceiling a call counts against, by its tags. */
  readonly ceilingOf: (tags: readonly string[]) => SpendCeiling;
  /** Calls at vendors at once. */
  readonly concurrency: number;
}

export interface EvaluationGateway {
  readonly url: string;
  readonly ask: AskGateway;
  /** Rows of the run's own, such as scores, on the same way into the ledger. */
  readonly record: (row: SpoolRow) => void;
  close(): Promise<void>;
}

/** The snapshot with the versions under their labels; everything else as it is served. Keys are left out: it answers itself alone. */
export function withServedVersions(snapshot: Snapshot, served: readonly ServedVersion[]): Snapshot {
  const prompts = { ...snapshot.prompts };
  for (const { label, version } of served) {
    const known = prompts[version.name] ?? { versions: {}, labels: {} };
    const name = `${version.version}:${label}`;
    prompts[version.name] = {
      versions: { ...known.versions, [name]: version },
      labels: { ...known.labels, [label]: name },
    };
  }
  return { ...snapshot, prompts, keys: [] };
}

/** Refused by a ceiling before anything was paid for. */
export const CEILING_CODES = { wait: 'ceiling_wait', over: 'ceiling_over', unpriced: 'ceiling_unpriced' };

/** Stands between stages and spool: keeps each end row until it is asked for, and lets no call pass its ceiling. */
class WatchedSpool {
  readonly #spool: Spool;
  readonly #ceilingOf: EvaluationGatewayParts['ceilingOf'];
  readonly #slots: CallSlots;
  readonly #ends = new Map<string, EndRow>();
  readonly #refused = new Set<string>();

  constructor(spool: Spool, ceilingOf: EvaluationGatewayParts['ceilingOf'], slots: CallSlots) {
    this.#spool = spool;
    this.#slots = slots;
    this.#ceilingOf = ceilingOf;
  }

  append(row: SpoolRow): void {
    if (row.row === 'begin') this.#reserve(row);
    this.#spool.append(row);
  }

  async appendDurable(row: SpoolRow): Promise<void> {
    if (row.row !== 'end') return this.#spool.appendDurable(row);
    if (this.#refused.delete(row.id)) return;
    this.#ceilingOf(row.tags).settle(row.id, row.cost_usd === null ? null : parseUsd(row.cost_usd));
    // What guardrails ask is nobody's answer here.
    if (!row.tags.includes(GUARDRAIL_TAG)) {
      this.#ends.set(row.id, row);
      this.#slots.free();
    }
    await this.#spool.appendDurable(row);
  }

  takeEnd(interaction: string): EndRow | undefined {
    const row = this.#ends.get(interaction);
    this.#ends.delete(interaction);
    return row;
  }

  #reserve(row: SpoolRow & { row: 'begin' }): void {
    const ceiling = this.#ceilingOf(row.tags);
    const worst = row.reserved_usd === null ? null : parseUsd(row.reserved_usd);
    const answer = ceiling.reserve(row.id, worst);
    if (answer === 'reserved') return;
    this.#refused.add(row.id);
    throw new BinnacleError({
      code: CEILING_CODES[answer],
      message:
        answer === 'unpriced'
          ? `The model ${row.model} has no price, so no ceiling can be kept: give it prices in models.yaml ("0" for a free one), or run without a ceiling.`
          : `The next call could go over the ceiling: ${ceiling.describe()}.`,
      httpStatus: 402,
    });
  }
}

/** Starts it. The caller closes it; its spool stays until the console has taken it in. */
export async function startEvaluationGateway(parts: EvaluationGatewayParts): Promise<EvaluationGateway> {
  const { logger, workspaceFolder } = parts;
  const directory = join(parts.dataFolder, RUN_SPOOLS, parts.run);
  const lock = await lockFolder({ directory, holder: 'binnacle eval', startedAt: systemClock.now() });
  const spool = await openSpool({
    directory,
    durability: parts.snapshot.durability,
    clock: systemClock,
    logger,
  });
  const slots = new CallSlots(parts.concurrency);
  const watched = new WatchedSpool(spool, parts.ceilingOf, slots);
  const resolveSecrets = secretResolver(parts.environment);
  const prepared = prepareSnapshot(withServedVersions(parts.snapshot, parts.served), resolveSecrets);
  const language = new LanguageOnDemand(logger);
  await language.prepare(prepared);
  const guards = gatewayGuards(logger, resolveSecrets);
  await guards.book.prepare(prepared);
  const transport = new UndiciTransport();
  const server = await composeGateway({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    logger,
    spool: {
      ...spoolFigures(spool),
      append: (row) => watched.append(row),
      appendDurable: (row) => watched.appendDurable(row),
    },
    currentSnapshot: () => prepared,
    providers: gatewayProviders({ transport, clock: systemClock, workspaceFolder }),
    shapes: gatewayShapes(),
    assignVersion: () => undefined,
    detectLanguage: language.detect,
    guards: guards.book,
    takesOwnTags: true,
    keySecret: () => '',
    random: Math.random,
    health: () => ({}),
  });
  const agent = agentFor(parts.concurrency);
  return {
    url: server.url,
    ask: evaluationClient({
      url: server.url,
      agent,
      takeEnd: (interaction) => watched.takeEnd(interaction),
      slots,
    }),
    record: (row) => spool.append(row),
    close: async () => {
      await agent.close();
      await server.close(1000);
      await guards.close();
      await spool.close();
      lock.release();
      await transport.close();
    },
  };
}

/** No deadlines of its own: the gateway's decide. */
function agentFor(concurrency: number): Agent {
  return new Agent({
    connections: CONNECTIONS_A_CALL * concurrency,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function spoolFigures(spool: Spool): Omit<Spool, 'append' | 'appendDurable'> {
  return {
    gateway: spool.gateway,
    interrupted: spool.interrupted,
    rotate: () => spool.rotate(),
    ranges: (maxBytes, most) => spool.ranges(maxBytes, most),
    read: (range) => spool.read(range),
    acknowledge: (segment, to) => spool.acknowledge(segment, to),
    figures: () => spool.figures(),
    isWritable: () => spool.isWritable(),
    close: () => spool.close(),
  };
}
