// The console put together from its parts: workspace → snapshot, spool → ledger, schedules, API. Knows no process: the console process and
// tests hand in what it needs.
import type { FastifyInstance } from 'fastify';
import { join } from 'node:path';
import type { Credentials } from '../console/access.ts';
import type { KeyRing } from '../console/key-ring.ts';
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
import { ErasedUsers } from '../console/erased-users.ts';
import type { SnapshotSource } from '../console/snapshot-source.ts';
import { SpoolIntake } from '../console/spool-intake.ts';
import type { RunEvaluation } from '../console/monitoring/runbooks/runbook-acts.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { createIngestor } from '../storage/ledger/ingest-range.ts';
import { PausableIngestor } from '../storage/ledger/pausable-ingestor.ts';
import { openLedger } from '../storage/ledger/ledger-child.ts';
import { openSqliteState } from '../storage/state/sql-state.ts';
import type { StateStore } from '../storage/state/state.ts';
import { raiseSampling, type RaisedSampling } from '../workspace/apply-overrides.ts';
import type { Environment } from '../workspace/environment.ts';
import type { WatchedWorkspace } from '../workspace/watch-workspace.ts';
import type { LedgerClient } from '../storage/ledger/ledger.ts';
import { takeBackup } from './backup.ts';
import { consoleEvaluation } from './console-evaluation.ts';
import { consoleMonitoring, type Monitoring } from './console-monitoring.ts';
import { consoleServing, type ConsoleServing } from './console-serving.ts';
import { consoleOversight, type Oversight } from './console-oversight.ts';
import { evaluationChild } from './evaluation-child.ts';
import { retentionOf } from './retention.ts';

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

/** What stands before the parts that use it. */
interface Opened {
  readonly snapshots: SnapshotSource;
  readonly schedule: Schedule;
  readonly ledger: LateLedger;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly intake: SpoolIntake;
  readonly ingestor: PausableIngestor;
  readonly keys: KeyRing;
  readonly oversight: Oversight;
}

interface Services extends Opened {
  readonly monitoring: Monitoring;
  readonly others: readonly Route[];
}

function healthServices({ clock, snapshots, schedule, ledger, intake }: Opened): HealthServices {
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
    ...services.others,
  ];
}

function openLateLedger({ workspaceFolder, dataFolder, clock, logger }: ConsoleParts): LateLedger {
  const directory = join(dataFolder, 'ledger');
  const open = async (): Promise<LedgerClient> =>
    openLedger({ directory, logger, ...(await retentionOf(workspaceFolder)) });
  return new LateLedger({ open, clock, logger });
}

function monitoringOf(
  parts: ConsoleParts,
  opened: Opened,
  { workspace, overrides }: ConsoleServing,
): Monitoring {
  const { workspaceFolder, environment = {} } = parts;
  return consoleMonitoring({
    ...parts,
    ...opened,
    workspace: () => workspace.opened(),
    environment,
    overrides,
    runEvaluation: parts.runEvaluation ?? evaluationChild({ workspaceFolder, environment }),
    health: () => healthOf(healthServices(opened)),
    gatewayUrl: parts.gatewayUrl ?? null,
  });
}

function otherRoutes(parts: ConsoleParts, opened: Opened, { workspace, overrides }: ConsoleServing): Route[] {
  const { dataFolder, version, environment = {} } = parts;
  const { ledger, state, clock, ingestor } = opened;
  const paused: PausableIngestor['paused'] = (action) => ingestor.paused(action);
  const sampling = (): RaisedSampling => {
    const { settings, judges } = workspace.opened().workspace;
    return raiseSampling(settings.value.sampling, judges.keys(), overrides.live, clock.now());
  };
  return [
    ...consoleEvaluation({ ...parts, ...opened, environment, workspace: () => workspace.opened(), sampling }),
    ...backupRoutes({
      audit: state.audit,
      take: (target, secrets) => takeBackup({ dataFolder, target, secrets, ledger, clock, version, paused }),
    }),
  ];
}

/** Opens the stores, reads the workspace and builds the server; the caller listens. */
export async function composeConsole(parts: ConsoleParts): Promise<ComposedConsole> {
  const { dataFolder, clock, logger, adminToken, internalToken } = parts;
  const ledger = openLateLedger(parts);
  const state = await openSqliteState({ path: join(dataFolder, 'state.sqlite'), clock });
  const schedule = new Schedule({ clock, logger });
  const erased = new ErasedUsers({ documents: state.documents, clock });
  const oversight = consoleOversight({ ...parts, state, ledger, schedule, erased });
  const serving = await consoleServing({ ...parts, state, erased, noteServed: oversight.noteServed });
  const { snapshots, workspace, keys } = serving;
  const ingestor = new PausableIngestor(createIngestor({ ledger, ranges: state.ranges, clock, logger }));
  const intake = new SpoolIntake({ ingestor, clock });
  schedule.add({ name: 'ledger-probe', everyMilliseconds: 1_000, run: () => ledger.probe() });
  const opened = { clock, ledger, state, schedule, snapshots, intake, ingestor, keys, oversight };
  const monitoring = monitoringOf(parts, opened, serving);
  const services = { ...opened, monitoring, others: otherRoutes(parts, opened, serving) };
  const credentials: Credentials = { adminToken, internalToken, scopeOfKey: (key) => keys.scopeOf(key) };
  const routes = consoleRoutes(services);
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
