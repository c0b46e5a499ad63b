// The console put together from its parts: workspace → snapshot, spool → ledger, schedules, API. Knows no process: the console process and
// tests hand in what it needs.
import type { FastifyInstance } from 'fastify';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Credentials } from '../console/access.ts';
import { KeyRing } from '../console/key-ring.ts';
import { LateLedger } from '../console/late-ledger.ts';
import type { Route } from '../console/route.ts';
import { backupRoutes } from '../console/routes/backup.ts';
import { costRoutes } from '../console/routes/cost.ts';
import { healthOf, healthRoutes, type HealthServices } from '../console/routes/health.ts';
import { interactionRoutes } from '../console/routes/interactions.ts';
import { internalRoutes } from '../console/routes/internal.ts';
import { keyRoutes } from '../console/routes/keys.ts';
import { pageRoutes } from '../console/routes/page.ts';
import { workspaceRoutes } from '../console/routes/workspace.ts';
import { Schedule } from '../console/schedule.ts';
import { buildConsole } from '../console/server.ts';
import { SnapshotSource } from '../console/snapshot-source.ts';
import { SpoolIntake } from '../console/spool-intake.ts';
import { KEY_SECRET_FILE } from '../contract/internal.ts';
import type { RunEvaluation } from '../console/monitoring/runbooks/runbook-acts.ts';
import type { KeySnapshot, Snapshot } from '../contract/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { createIngestor } from '../storage/ledger/ingest-range.ts';
import { PausableIngestor } from '../storage/ledger/pausable-ingestor.ts';
import { openLedger } from '../storage/ledger/ledger-child.ts';
import { openSqliteState } from '../storage/state/sql-state.ts';
import type { StateStore } from '../storage/state/state.ts';
import { applyOverrides } from '../workspace/apply-overrides.ts';
import type { Environment } from '../workspace/environment.ts';
import type { OpenedWorkspace } from '../workspace/open-workspace.ts';
import { blocksServing, formatProblem } from '../workspace/problem.ts';
import { watchWorkspace, type WatchedWorkspace } from '../workspace/watch-workspace.ts';
import type { LedgerClient } from '../storage/ledger/ledger.ts';
import { takeBackup } from './backup.ts';
import { shippedPrices } from './catalogue.ts';
import { consoleEvaluation } from './console-evaluation.ts';
import { consoleMonitoring, type Monitoring } from './console-monitoring.ts';
import { consoleOversight, type Oversight } from './console-oversight.ts';
import { evaluationChild } from './evaluation-child.ts';
import { retentionOf } from './retention.ts';
import { ensureToken } from './supervisor.ts';

export interface ConsoleParts {
  readonly workspaceFolder: string;
  readonly dataFolder: string;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly adminToken: string;
  readonly internalToken: string;
  /** Where `${NAME}` references of channels are looked up. Default: nothing is set. */
  readonly environment?: Environment;
  /** The gateway whose health is watched. Default: none. */
  readonly gatewayUrl?: string;
  /** What runbooks order evaluations from. Default: the command line's own, in a process of its own. */
  readonly runEvaluation?: RunEvaluation;
}

export interface ComposedConsole {
  readonly app: FastifyInstance;
  readonly schedule: Schedule;
  readonly state: StateStore;
  readonly ledger: LateLedger;
  readonly workspace: WatchedWorkspace;
  readonly monitoring: Monitoring;
  close(): Promise<void>;
}

/** `laidOver`: the snapshot with what incidents changed for a while. */
function publish(
  snapshots: SnapshotSource,
  opened: OpenedWorkspace,
  laidOver: (snapshot: Snapshot) => Snapshot,
  logger: Logger,
): void {
  if (opened.snapshot !== undefined) {
    snapshots.publish(laidOver(opened.snapshot));
    logger.log('info', 'snapshot published', {
      version: opened.snapshot.version,
      commit: opened.snapshot.workspace.commit,
    });
    return;
  }
  const texts = opened.problems.filter(blocksServing).map(formatProblem);
  snapshots.refuse(texts);
  logger.log('error', 'the workspace has errors; the last good snapshot goes on', { error: texts[0] });
}

/** Keys change at once, also while the working files do not compile: then the last good snapshot goes on with the keys of now. */
function publishKeys(snapshots: SnapshotSource, keys: readonly KeySnapshot[]): void {
  const snapshot = snapshots.served?.snapshot;
  if (snapshot === undefined || isDeepStrictEqual(snapshot.keys, keys)) return;
  const { errors } = snapshots;
  const version = createHash('sha256')
    .update(JSON.stringify([snapshot.version, keys]))
    .digest('hex');
  snapshots.publish({ ...snapshot, keys, version });
  snapshots.refuse(errors);
}

interface Services {
  readonly snapshots: SnapshotSource;
  readonly schedule: Schedule;
  readonly ledger: LateLedger;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly intake: SpoolIntake;
  readonly keys: KeyRing;
  readonly oversight: Oversight;
  readonly monitoring: Monitoring;
  readonly evaluation: readonly Route[];
}

function healthServices({
  clock,
  snapshots,
  schedule,
  ledger,
  intake,
}: Pick<Services, 'clock' | 'snapshots' | 'schedule' | 'ledger' | 'intake'>): HealthServices {
  return {
    clock,
    snapshots,
    jobs: () => schedule.states(),
    ledger: () => ledger.health(),
    ingest: () => intake.health(),
  };
}

/** Every route of the console. */
export function consoleRoutes(services: Services): Route[] {
  const { snapshots, ledger, state, clock, intake, keys, oversight, monitoring } = services;
  return [
    ...pageRoutes(),
    ...healthRoutes(healthServices(services)),
    ...internalRoutes({ snapshots, ingest: (push, bytes, sha256) => intake.take(push, bytes, sha256) }),
    ...interactionRoutes({ ledger, snapshots, clock, audit: state.audit }),
    ...costRoutes({ ledger, clock }),
    ...workspaceRoutes(snapshots),
    ...oversight.routes,
    ...keyRoutes({ keys, clock }),
    ...monitoring.routes,
    ...services.evaluation,
  ];
}

function openLateLedger({ workspaceFolder, dataFolder, clock, logger }: ConsoleParts): LateLedger {
  const directory = join(dataFolder, 'ledger');
  const open = async (): Promise<LedgerClient> =>
    openLedger({ directory, logger, ...(await retentionOf(workspaceFolder)) });
  return new LateLedger({ open, clock, logger });
}

/** Opens the stores, reads the workspace and builds the server; the caller listens. */
export async function composeConsole(parts: ConsoleParts): Promise<ComposedConsole> {
  const { workspaceFolder, dataFolder, clock, logger, adminToken, internalToken } = parts;
  const ledger = openLateLedger(parts);
  const state = await openSqliteState({ path: join(dataFolder, 'state.sqlite'), clock });
  const schedule = new Schedule({ clock, logger });
  const oversight = consoleOversight({ ...parts, state, ledger, schedule });
  const snapshots = new SnapshotSource(oversight.noteServed);
  const laidOver = (snapshot: Snapshot): Snapshot =>
    applyOverrides(snapshot, monitoring.overrides.live, clock.now());
  const keys = new KeyRing({
    store: state.keys,
    audit: state.audit,
    clock,
    secret: () => ensureToken(join(dataFolder, KEY_SECRET_FILE)),
    served: () => snapshots.served?.snapshot ?? null,
    publish: async () => {
      await workspace.reload();
      publishKeys(snapshots, await keys.snapshots());
    },
  });
  const workspace: WatchedWorkspace = await watchWorkspace({
    directory: workspaceFolder,
    around: { clock, cataloguePrices: shippedPrices, keys: () => keys.snapshots() },
    logger,
    onChange: (opened) => publish(snapshots, opened, laidOver, logger),
  });
  const monitoring = consoleMonitoring({
    ...{ ledger, state, clock, logger, schedule, snapshots },
    workspace: () => workspace.opened(),
    environment: parts.environment ?? {},
    runEvaluation:
      parts.runEvaluation ?? evaluationChild({ workspaceFolder, environment: parts.environment ?? {} }),
    health: () => healthOf(healthServices({ clock, snapshots, schedule, ledger, intake })),
    gatewayUrl: parts.gatewayUrl ?? null,
    version: parts.version,
    republish: () => {
      const good = workspace.serving();
      if (good !== undefined) publish(snapshots, { ...workspace.opened(), snapshot: good }, laidOver, logger);
    },
  });
  await monitoring.overrides.refresh();
  publish(snapshots, workspace.opened(), laidOver, logger);
  const ingestor = new PausableIngestor(createIngestor({ ledger, ranges: state.ranges, clock, logger }));
  const intake = new SpoolIntake({ ingestor, clock });
  schedule.add({ name: 'ledger-probe', everyMilliseconds: 1_000, run: () => ledger.probe() });
  const stores = { ledger, state, snapshots, schedule, ingestor };
  const environment = parts.environment ?? {};
  const evaluation = consoleEvaluation({
    ...parts,
    ...stores,
    environment,
    workspace: () => workspace.opened(),
  });
  const credentials: Credentials = { adminToken, internalToken, scopeOfKey: (key) => keys.scopeOf(key) };
  const routes = consoleRoutes({
    snapshots,
    schedule,
    ledger,
    state,
    clock,
    intake,
    keys,
    oversight,
    monitoring,
    evaluation: [
      ...evaluation,
      ...backupRoutes({
        audit: state.audit,
        take: (target, secrets) =>
          takeBackup({
            ...{ dataFolder, target, secrets, ledger, clock, version: parts.version },
            paused: (action) => ingestor.paused(action),
          }),
      }),
    ],
  });
  const app = await buildConsole({ routes, credentials, logger, version: parts.version });
  return {
    app,
    schedule,
    state,
    ledger,
    workspace,
    monitoring,
    close: async () => {
      workspace.close();
      await app.close();
      await monitoring.close();
      await oversight.close();
      await ledger.close();
      await state.close();
    },
  };
}
