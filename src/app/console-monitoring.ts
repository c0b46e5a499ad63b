// Monitoring in the console put together: metrics, alerting, behaviour and its causes, the standard ways out, and their routes.
import type { CauseDesk } from '../console/monitoring/cause-desk.ts';
import { Incidents } from '../console/monitoring/incidents.ts';
import { PrometheusPage } from '../console/monitoring/prometheus.ts';
import type { RunbookRunner } from '../console/monitoring/runbooks/runbook-runner.ts';
import { TelemetryExport } from '../console/monitoring/telemetry-export.ts';
import type { Route } from '../console/route.ts';
import { alertRoutes } from '../console/routes/alerts.ts';
import { driftRoutes } from '../console/routes/drift.ts';
import { incidentRoutes } from '../console/routes/incidents.ts';
import { metricRoutes } from '../console/routes/metrics.ts';
import { prometheusRoutes } from '../console/routes/prometheus.ts';
import { resolveSecrets } from '../workspace/environment.ts';
import { consoleAlerting, type Alerting, type AlertingParts } from './console-alerting.ts';
import { consoleBehaviour, type BehaviourParts } from './console-behaviour.ts';

export interface MonitoringParts extends AlertingParts, BehaviourParts {
  /** Of the program, for telemetry. */
  readonly version: string;
}

export interface Monitoring {
  readonly routes: readonly Route[];
  readonly runner: RunbookRunner;
  readonly causes: CauseDesk;
  close(): Promise<void>;
}

const TELEMETRY_EVERY_MS = 5_000;

function prometheusPage(
  { ledger, clock, health }: MonitoringParts,
  { engine, ownHealth }: Alerting,
): PrometheusPage {
  return new PrometheusPage({
    ledger,
    clock,
    health,
    faults: () => ownHealth.told,
    firing: async () =>
      (await engine.readings())
        .filter(({ state: { status } }) => status === 'firing')
        .map(({ rule }) => ({ rule: rule.alert_rule, severity: rule.severity })),
  });
}

function scheduleTelemetry(parts: MonitoringParts): void {
  const { ledger, state, clock, version, workspace, snapshots, environment, schedule } = parts;
  const telemetry = new TelemetryExport({
    ledger,
    documents: state.documents,
    clock,
    version,
    settings: () => workspace().workspace.settings.value,
    resolve: (text) => resolveSecrets(text, environment),
    kindOf: (provider) => snapshots.served?.snapshot.providers[provider]?.kind ?? provider,
  });
  schedule.add({ name: 'telemetry', everyMilliseconds: TELEMETRY_EVERY_MS, run: () => telemetry.send() });
}

/** Adds its jobs to the schedule and answers its routes. */
export function consoleMonitoring(parts: MonitoringParts): Monitoring {
  const { ledger, state, clock, workspace, snapshots, overrides } = parts;
  const { documents, audit } = state;
  const incidents = new Incidents({ documents, audit, clock });
  const behaviour = consoleBehaviour(parts, incidents);
  const { causes } = behaviour;
  const alerting = consoleAlerting(parts, incidents, causes);
  const { engine, runner } = alerting;
  scheduleTelemetry(parts);
  return {
    routes: [
      ...metricRoutes({ ledger, clock, served: () => snapshots.served?.snapshot ?? null }),
      ...alertRoutes({
        engine,
        rules: () => workspace().workspace.alerts.value,
        documents,
        ledger,
        clock,
      }),
      ...incidentRoutes({ incidents, overrides, clock }),
      ...driftRoutes(documents),
      ...prometheusRoutes(prometheusPage(parts, alerting)),
    ],
    runner,
    causes,
    close: async () => {
      await runner.close();
      await behaviour.close();
    },
  };
}
