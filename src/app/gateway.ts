// The gateway process: opens the spool, pulls the snapshot, pushes the spool, serves, and ends orderly. Started by the supervisor with its
// settings as the first argument.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnswerCache } from '../cache/answer-cache.ts';
import { IdempotencyStore } from '../cache/idempotency-store.ts';
import { INTERNAL_TOKEN_FILE, KEY_SECRET_FILE } from '../contract/internal.ts';
import { gatewayProcessSchema, type GatewayProcess } from '../contract/processes.ts';
import { isLoopbackAddress } from '../gateway/head-check.ts';
import type { GatewayServer } from '../gateway/server.ts';
import type { ServingSnapshot } from '../gateway/serving-snapshot.ts';
import { SnapshotSource } from '../gateway/snapshot-source.ts';
import { SpoolPusher } from '../gateway/spool-pusher.ts';
import { systemClock } from '../kernel/clock.ts';
import { BinnacleError, messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { openSpool, type Spool } from '../storage/spool/spool.ts';
import { composeGateway } from './compose-gateway.ts';
import { openDurableBudgets, type DurableBudgets } from './durable-budgets.ts';
import { ErasedAnswers } from './erased-answers.ts';
import { gatewayGuards, type GatewayGuards } from './gateway-guards.ts';
import { gatewayShapes, gatewayProviders } from './gateway-tables.ts';
import { LanguageOnDemand } from './language-on-demand.ts';
import { LateTransport } from './late-transport.ts';
import { attachToSupervisor, type ManagedProcess } from './managed-process.ts';
import { secretResolver } from './secret-resolver.ts';

/** How long the start waits for a first snapshot before it serves without one (503 until it comes). */
const FIRST_SNAPSHOT_MS = 5000;
/** In-flight requests get this long on shutdown; the supervisor kills at twelve seconds. */
const GRACE_MS = 7000;

function refuse(message: string): BinnacleError {
  return new BinnacleError({ code: 'cannot_run', message });
}

function readToken(dataFolder: string): string {
  const path = join(dataFolder, INTERNAL_TOKEN_FILE);
  if (!existsSync(path)) throw refuse(`${path} is missing: start the gateway with "binnacle up".`);
  return readFileSync(path, 'utf8').trim();
}

/** The secret that key hashes are made under; read when the first key is checked, as it is made with the first key. */
function keySecretReader(dataFolder: string): () => string {
  let secret = '';
  return () => {
    if (secret !== '') return secret;
    const path = join(dataFolder, KEY_SECRET_FILE);
    if (!existsSync(path)) throw refuse(`${path} is missing, so no API key can be checked.`);
    secret = readFileSync(path, 'utf8').trim();
    return secret;
  };
}

function firstSnapshot(source: SnapshotSource): Promise<ServingSnapshot | null> {
  return new Promise((resolve) => {
    const started = systemClock.monotonic();
    const look = (): void => {
      const current = source.current();
      if (current !== null || systemClock.monotonic() - started > FIRST_SNAPSHOT_MS) resolve(current);
      else setTimeout(look, 10);
    };
    look();
  });
}

/** Throws where strangers could reach a gateway without keys. */
function requireKeys(snapshot: ServingSnapshot | null, host: string): void {
  if (isLoopbackAddress(host) || (snapshot?.snapshot.keys.length ?? 0) > 0) return;
  throw refuse(
    `No key is defined, so the gateway listens on loopback addresses only, not on ${host}: start it once with gateway.host 127.0.0.1, run "binnacle key create NAME", then start it on ${host}.`,
  );
}

/** What a person should know at the start. */
function notesOf(snapshot: ServingSnapshot | null, host: string): string[] {
  if (snapshot === null)
    return ['no workspace snapshot yet: the gateway answers 503 until the console has one'];
  const notes: string[] = [];
  if (snapshot.snapshot.keys.length === 0)
    notes.push(`no keys defined: the gateway on ${host} answers without one`);
  return notes;
}

/** All that runs beside the server, in the order it ends. */
class GatewayProcessParts {
  server: GatewayServer | null = null;
  source: SnapshotSource | null = null;
  pusher: SpoolPusher | null = null;
  spool: Spool | null = null;
  transport: LateTransport | null = null;
  replays: IdempotencyStore | null = null;
  erased: ErasedAnswers | null = null;
  guards: GatewayGuards | null = null;

  async stop(): Promise<void> {
    await this.server?.close(GRACE_MS);
    await this.source?.stop();
    await this.pusher?.stop();
    await this.spool?.close();
    await this.replays?.close();
    await this.guards?.close();
    await this.transport?.close();
  }
}

/** What the gateway keeps: its spool, and from it the budgets; answers under idempotency keys and cached ones, without those of erased users. */
async function openStores(
  dataFolder: string,
  source: SnapshotSource,
  parts: GatewayProcessParts,
  logger: Logger,
): Promise<{
  readonly spool: Spool;
  readonly budgets: DurableBudgets;
  readonly answers: AnswerCache;
  readonly replays: IdempotencyStore;
}> {
  const clock = systemClock;
  const snapshot = source.current()?.snapshot ?? null;
  const durability = snapshot?.durability ?? 'durable';
  const spool = await openSpool({ directory: join(dataFolder, 'spool'), durability, clock, logger });
  parts.spool = spool;
  const directory = join(dataFolder, 'budgets');
  const budgets = await openDurableBudgets({ directory, spool, clock, snapshot });
  const replays = await IdempotencyStore.open({ directory: join(dataFolder, 'replays'), clock });
  parts.replays = replays;
  const answers = new AnswerCache({ clock });
  parts.erased = new ErasedAnswers({ answers, replays, logger });
  await parts.erased.hear(source.current()?.snapshot ?? null);
  return { spool, budgets, answers, replays };
}

async function run(
  settings: GatewayProcess,
  managed: ManagedProcess,
  parts: GatewayProcessParts,
): Promise<void> {
  const { data_folder: dataFolder, console_url: consoleUrl, host, port } = settings;
  const { logger } = managed;
  const shared = { consoleUrl, token: readToken(dataFolder), clock: systemClock, logger };
  const language = new LanguageOnDemand(logger);
  const resolveSecrets = secretResolver(managed.environment);
  const guards = (parts.guards = gatewayGuards(logger, resolveSecrets));
  const source = new SnapshotSource({
    ...shared,
    dataFolder,
    resolveSecrets,
    onSnapshot: (snapshot) => {
      void language.prepare(snapshot);
      void guards.book.prepare(snapshot);
      void parts.erased?.hear(snapshot.snapshot);
    },
  });
  parts.source = source;
  await source.readKept();
  // With a kept snapshot nothing is waited for, and what pulling and calling need is loaded once this gateway answers.
  if (source.current() === null) source.startPulling();
  const first = await firstSnapshot(source);
  requireKeys(first, host);
  const { spool, budgets, answers, replays } = await openStores(dataFolder, source, parts, logger);
  const pusher = (parts.pusher = new SpoolPusher({ ...shared, spool: budgets.spool }));
  parts.transport = new LateTransport();
  parts.server = await composeGateway({
    host,
    port,
    clock: systemClock,
    logger,
    spool,
    guards: guards.book,
    answers,
    replays,
    counters: budgets.counters,
    noteBudgetSettled: budgets.noteSettled,
    currentSnapshot: () => source.current(),
    providers: gatewayProviders({
      transport: parts.transport,
      clock: systemClock,
      workspaceFolder: settings.workspace_folder,
    }),
    shapes: gatewayShapes(),
    assignVersion: () => undefined,
    detectLanguage: language.detect,
    keySecret: keySecretReader(dataFolder),
    random: Math.random,
    health: () => ({ snapshot: source.health(), push: pusher.health() }),
  });
  pusher.start();
  source.startPulling();
  void parts.transport.load();
  managed.tell({ type: 'ready', url: parts.server.url, notes: notesOf(first, host) });
}

const parts = new GatewayProcessParts();
const managed = attachToSupervisor('gateway', () => parts.stop());
try {
  await run(gatewayProcessSchema.parse(managed.settings), managed, parts);
} catch (error) {
  const message = messageOf(error);
  managed.logger.log('error', 'the gateway cannot run', { error: message });
  managed.tell({ type: 'refused', message });
  await parts.stop();
  process.exitCode = 2;
}
