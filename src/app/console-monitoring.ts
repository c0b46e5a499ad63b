// Monitoring in the console put together: rules on time, people told, incidents, runbooks, overrides, and their routes.
import { AlertEngine } from '../console/monitoring/alert-engine.ts';
import { actOnAlert } from '../console/monitoring/alert-actions.ts';
import { CauseDesk } from '../console/monitoring/cause-desk.ts';
import { openDriftIncident } from '../console/monitoring/drift-incidents.ts';
import { DriftWatch } from '../console/monitoring/drift-watch.ts';
import { faultsOfConsole, GatewayWatch } from '../console/monitoring/health-faults.ts';
import { Incidents } from '../console/monitoring/incidents.ts';
import { Overrides } from '../console/monitoring/overrides.ts';
import { OwnHealth } from '../console/monitoring/own-health.ts';
import { PrometheusPage } from '../console/monitoring/prometheus.ts';
import { TelemetryExport } from '../console/monitoring/telemetry-export.ts';
import { actStep, type RunEvaluation } from '../console/monitoring/runbooks/runbook-acts.ts';
import { RunbookRunner } from '../console/monitoring/runbooks/runbook-runner.ts';
import { Outbox } from '../console/notifications/outbox.ts';
import { examplesAround } from '../console/queries/examples.ts';
import type { Route } from '../console/route.ts';
import { alertRoutes } from '../console/routes/alerts.ts';
import { driftRoutes } from '../console/routes/drift.ts';
import { incidentRoutes } from '../console/routes/incidents.ts';
import { metricRoutes } from '../console/routes/metrics.ts';
import { prometheusRoutes } from '../console/routes/prometheus.ts';
import type { Schedule } from '../console/schedule.ts';
import type { SnapshotSource } from '../console/snapshot-source.ts';
import type { Health } from '../contract/api.ts';
import { sentenceEncoder } from '../embeddings/sentence-encoder.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { loadLanguageDetector } from '../routing/detect-language.ts';
import type { LedgerClient } from '../storage/ledger/ledger.ts';
import type { StateStore } from '../storage/state/state.ts';
import { isRefusal } from '../text/refusal.ts';
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
  readonly health: () => Health;
  /** Of the program, for telemetry. */
  readonly version: string;
  /** Null: there is none to watch. */
  readonly gatewayUrl: string | null;
  /** Compiles and publishes with the overrides of now. */
  readonly republish: () => void;
}

export interface Monitoring {
  readonly routes: readonly Route[];
  readonly overrides: Overrides;
  readonly runner: RunbookRunner;
  readonly causes: CauseDesk;
  close(): Promise<void>;
}

const EVALUATE_EVERY_MS = 15_000;
const DELIVER_EVERY_MS = 1_000;
const WATCH_EVERY_MS = 5_000;
const DRIFT_EVERY_MS = 30_000;
const TELEMETRY_EVERY_MS = 5_000;

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
  const encoder = sentenceEncoder();
  const detector = loadLanguageDetector();
  const causes = new CauseDesk({
    ...{ ledger, incidents, clock, logger, served },
    embed: (texts) => encoder.embed(texts),
    detectLanguage: async (text) => (await detector)(text),
  });
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
          explain: (incident, about) => causes.explainAlert(incident, about),
        },
        happening,
      ),
  });
  const watchDrift = async (): Promise<DriftWatch> =>
    new DriftWatch({
      ...{ ledger, documents, clock, isRefusal },
      detectLanguage: await detector,
      found: (findings) =>
        openDriftIncident({ documents, ledger, incidents, desk: causes, isRefusal }, findings),
    });
  let drift: DriftWatch | undefined;
  const gateway = parts.gatewayUrl === null ? null : new GatewayWatch(parts.gatewayUrl);
  const ownHealth = new OwnHealth({
    ...{ clock, incidents, outbox },
    faults: async () => [...faultsOfConsole(parts.health()), ...((await gateway?.faults()) ?? [])],
  });
  const page = new PrometheusPage({
    ...{ ledger, clock, health: parts.health },
    faults: () => ownHealth.told,
    firing: async () =>
      (await engine.readings())
        .filter(({ state: { status } }) => status === 'firing')
        .map(({ rule }) => ({ rule: rule.alert_rule, severity: rule.severity })),
  });
  const telemetry = new TelemetryExport({
    ...{ ledger, documents, clock, version: parts.version },
    settings: () => ({ otlp: settings().telemetry.otlp, workspace: settings().name }),
    resolve: (text) => resolveSecrets(text, parts.environment),
    kindOf: (provider) => served()?.providers[provider]?.kind ?? provider,
  });
  schedule.add({ name: 'telemetry', everyMilliseconds: TELEMETRY_EVERY_MS, run: () => telemetry.send() });
  schedule.add({ name: 'own-health', everyMilliseconds: WATCH_EVERY_MS, run: () => ownHealth.look() });
  schedule.add({
    name: 'drift',
    everyMilliseconds: DRIFT_EVERY_MS,
    run: async () => (drift ??= await watchDrift()).read(),
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
      ...driftRoutes(documents),
      ...prometheusRoutes(page),
    ],
    overrides,
    runner,
    causes,
    close: async () => {
      await runner.close();
      await causes.settled();
    },
  };
}
