// Alerting in the console put together: rules on time, people told, incidents, runbooks, and Binnacle's own health as an alert.
import { actOnAlert } from '../console/monitoring/alert-actions.ts';
import { AlertEngine } from '../console/monitoring/alert-engine.ts';
import { tellBudgetWarnings } from '../console/monitoring/budget-warnings.ts';
import type { CauseDesk } from '../console/monitoring/cause-desk.ts';
import { faultsOfConsole, GatewayWatch } from '../console/monitoring/health-faults.ts';
import type { Incidents } from '../console/monitoring/incidents.ts';
import type { Overrides } from '../console/monitoring/overrides.ts';
import { OwnHealth } from '../console/monitoring/own-health.ts';
import {
  actStep,
  type ActServices,
  type RunEvaluation,
} from '../console/monitoring/runbooks/runbook-acts.ts';
import { RunbookRunner } from '../console/monitoring/runbooks/runbook-runner.ts';
import { Outbox } from '../console/notifications/outbox.ts';
import { examplesAround } from '../console/queries/examples.ts';
import type { Schedule } from '../console/schedule.ts';
import type { SnapshotSource } from '../console/snapshot-source.ts';
import type { Health } from '../contract/api.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { LedgerClient } from '../storage/ledger/ledger.ts';
import type { StateStore } from '../storage/state/state.ts';
import { resolveSecrets, type Environment } from '../workspace/environment.ts';
import { earlierVersionsOfLabel } from '../workspace/git/label-history.ts';
import type { OpenedWorkspace } from '../workspace/open-workspace.ts';

export interface AlertingParts {
  readonly ledger: LedgerClient;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly schedule: Schedule;
  readonly snapshots: SnapshotSource;
  readonly workspace: () => OpenedWorkspace;
  readonly environment: Environment;
  readonly overrides: Overrides;
  readonly runEvaluation: RunEvaluation;
  readonly health: () => Health;
  /** Null: there is none to watch. */
  readonly gatewayUrl: string | null;
}

export interface Alerting {
  readonly engine: AlertEngine;
  readonly runner: RunbookRunner;
  readonly ownHealth: OwnHealth;
}

const EVALUATE_EVERY_MS = 15_000;
const DELIVER_EVERY_MS = 1_000;
const WATCH_EVERY_MS = 5_000;

function actServices(parts: AlertingParts, outbox: Outbox, incidents: Incidents): ActServices {
  const { clock, ledger, overrides, runEvaluation, snapshots, workspace } = parts;
  return {
    clock,
    incidents,
    overrides,
    outbox,
    runEvaluation,
    served: () => snapshots.served?.snapshot ?? null,
    earlierVersions: async (prompt, label, current) => {
      const { repository } = workspace();
      return repository === undefined ? [] : earlierVersionsOfLabel(repository, prompt, label, current);
    },
    collectExamples: ({ prompt, model, opened_at: at }, count) =>
      examplesAround(ledger, { at, prompt, model, count }),
  };
}

function alertEngine(
  { ledger, state: { documents }, clock, logger, workspace }: AlertingParts,
  desks: {
    readonly outbox: Outbox;
    readonly incidents: Incidents;
    readonly runner: RunbookRunner;
    readonly causes: CauseDesk;
  },
): AlertEngine {
  const { causes, ...acting } = desks;
  const services = {
    documents,
    logger,
    ...acting,
    runbooks: () => workspace().workspace.runbooks,
    explain: causes.explainAlert.bind(causes),
  };
  return new AlertEngine({
    ledger,
    documents,
    clock,
    rules: () => workspace().workspace.alerts.value,
    act: (happening) => actOnAlert(services, happening),
  });
}

/** Adds its jobs to the schedule. */
export function consoleAlerting(parts: AlertingParts, incidents: Incidents, causes: CauseDesk): Alerting {
  const { state, ledger, clock, logger, schedule, workspace, overrides } = parts;
  const { jobs } = state;
  const outbox = new Outbox({
    jobs,
    clock,
    logger,
    channels: () => workspace().workspace.settings.value.channels,
    resolve: (text) => resolveSecrets(text, parts.environment),
  });
  const services = actServices(parts, outbox, incidents);
  const runner = new RunbookRunner({
    jobs,
    clock,
    logger,
    incidents,
    act: (step, order) => actStep(services, step, order),
  });
  const engine = alertEngine(parts, { outbox, incidents, runner, causes });
  const gateway = parts.gatewayUrl === null ? null : new GatewayWatch(parts.gatewayUrl);
  const ownHealth = new OwnHealth({
    clock,
    incidents,
    outbox,
    faults: async () => [...faultsOfConsole(parts.health()), ...((await gateway?.faults()) ?? [])],
  });
  schedule.add({ name: 'own-health', everyMilliseconds: WATCH_EVERY_MS, run: () => ownHealth.look() });
  schedule.add({ name: 'alerts', everyMilliseconds: EVALUATE_EVERY_MS, run: () => engine.evaluate() });
  const budgets = () => workspace().workspace.settings.value.budgets;
  schedule.add({
    name: 'budget-warnings',
    everyMilliseconds: EVALUATE_EVERY_MS,
    run: () => tellBudgetWarnings({ ledger, clock, outbox, budgets }),
  });
  schedule.add({ name: 'notifications', everyMilliseconds: DELIVER_EVERY_MS, run: () => outbox.send() });
  schedule.add({ name: 'runbooks', everyMilliseconds: DELIVER_EVERY_MS, run: () => runner.start() });
  schedule.add({ name: 'overrides', everyMilliseconds: DELIVER_EVERY_MS, run: () => overrides.refresh() });
  return { engine, runner, ownHealth };
}
