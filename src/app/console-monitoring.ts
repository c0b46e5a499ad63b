// Monitoring in the console put together: rules on time, people told, incidents, runbooks, overrides, and their routes.
import { AlertEngine } from '../console/monitoring/alert-engine.ts';
import { actOnAlert } from '../console/monitoring/alert-actions.ts';
import { Incidents } from '../console/monitoring/incidents.ts';
import { Overrides } from '../console/monitoring/overrides.ts';
import { actStep, type RunEvaluation } from '../console/monitoring/runbooks/runbook-acts.ts';
import { RunbookRunner } from '../console/monitoring/runbooks/runbook-runner.ts';
import { Outbox } from '../console/notifications/outbox.ts';
import { examplesAround } from '../console/queries/examples.ts';
import type { Route } from '../console/route.ts';
import { alertRoutes } from '../console/routes/alerts.ts';
import { incidentRoutes } from '../console/routes/incidents.ts';
import { metricRoutes } from '../console/routes/metrics.ts';
import type { Schedule } from '../console/schedule.ts';
import type { SnapshotSource } from '../console/snapshot-source.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { LedgerClient } from '../storage/ledger/ledger.ts';
import type { StateStore } from '../storage/state/state.ts';
import { resolveSecrets, type Environment } from '../workspace/environment.ts';
import { earlierVersionsOfLabel } from '../workspace/git/label-history.ts';
import type { OpenedWorkspace } from '../workspace/open-workspace.ts';

export interface MonitoringParts {
  readonly ledger: LedgerClient;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly schedule: Schedule;
  readonly snapshots: SnapshotSource;
  readonly workspace: () => OpenedWorkspace;
  readonly environment: Environment;
  readonly runEvaluation: RunEvaluation;
  /** Compiles and publishes with the overrides of now. */
  readonly republish: () => void;
}

export interface Monitoring {
  readonly routes: readonly Route[];
  readonly overrides: Overrides;
  readonly runner: RunbookRunner;
  close(): Promise<void>;
}

const EVALUATE_EVERY_MS = 15_000;
const DELIVER_EVERY_MS = 1_000;

export function consoleMonitoring(parts: MonitoringParts): Monitoring {
  const { ledger, state, clock, logger, schedule, snapshots, workspace } = parts;
  const { documents, jobs, audit } = state;
  const served = () => snapshots.served?.snapshot ?? null;
  const settings = () => workspace().workspace.settings.value;
  const outbox = new Outbox({
    jobs,
    clock,
    logger,
    channels: () => settings().channels,
    resolve: (text) => resolveSecrets(text, parts.environment),
  });
  const incidents = new Incidents({ documents, audit, clock });
  const overrides = new Overrides({ documents, audit, clock, republish: parts.republish });
  const runner = new RunbookRunner({
    jobs,
    clock,
    logger,
    incidents,
    act: (step, act) =>
      actStep(
        {
          clock,
          incidents,
          overrides,
          outbox,
          served,
          runEvaluation: parts.runEvaluation,
          earlierVersions: async (prompt, label, current) => {
            const { repository } = workspace();
            return repository === undefined ? [] : earlierVersionsOfLabel(repository, prompt, label, current);
          },
          collectExamples: ({ prompt, model, opened_at: at }, count) =>
            examplesAround(ledger, { at, prompt, model, count }),
        },
        step,
        act,
      ),
  });
  const rules = () => workspace().workspace.alerts.value;
  const engine = new AlertEngine({
    ledger,
    documents,
    clock,
    rules,
    act: (happening) =>
      actOnAlert(
        {
          documents,
          logger,
          outbox,
          incidents,
          runner,
          runbooks: () => workspace().workspace.runbooks,
          explain: () => undefined,
        },
        happening,
      ),
  });
  schedule.add({ name: 'alerts', everyMilliseconds: EVALUATE_EVERY_MS, run: () => engine.evaluate() });
  schedule.add({ name: 'notifications', everyMilliseconds: DELIVER_EVERY_MS, run: () => outbox.send() });
  schedule.add({ name: 'runbooks', everyMilliseconds: DELIVER_EVERY_MS, run: () => runner.start() });
  schedule.add({ name: 'overrides', everyMilliseconds: DELIVER_EVERY_MS, run: () => overrides.refresh() });
  return {
    routes: [
      ...metricRoutes({ ledger, clock, served }),
      ...alertRoutes({ engine, rules, documents, ledger, clock }),
      ...incidentRoutes({ incidents, overrides, clock }),
    ],
    overrides,
    runner,
    close: () => runner.close(),
  };
}
