// The contract's metrics as Prometheus gauges, each over the last five minutes by prompt and model, beside the console's own state. Raw
// counters and histograms are the gateway's.
import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, Registry } from 'prom-client';
import type { Health } from '../../contract/api.ts';
import type { Clock } from '../../kernel/clock.ts';
import { measureMetrics } from '../../monitoring/metrics/measure-metrics.ts';
import { METRICS, type Metric } from '../../monitoring/metrics/metric-table.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';

export interface PrometheusServices {
  readonly ledger: LedgerClient;
  readonly clock: Clock;
  readonly health: () => Health;
  readonly faults: () => readonly string[];
  readonly firing: () => Promise<readonly { readonly rule: string; readonly severity: string }[]>;
}

const WINDOW = 300_000;
/** Scrapes within this time share one measurement. */
const FRESH = 10_000;
const MOST_SERIES = 500;
/** Scrapers give up after ten seconds. */
const LEDGER_PATIENCE_MS = 4_000;

interface Measured {
  readonly at: number;
  readonly text: string;
}

export class PrometheusPage {
  readonly #services: PrometheusServices;
  #last: Promise<Measured> | null = null;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(services: PrometheusServices) {
    this.#services = services;
  }

  /** Text format 0.0.4. Where the ledger does not answer in time the console's own state is all there is. */
  async text(): Promise<string> {
    const now = this.#services.clock.now();
    if (this.#last === null || now - this.#lastAt >= FRESH) {
      this.#lastAt = now;
      this.#last = this.#measure(now);
      this.#last.catch(() => (this.#last = null));
    }
    return (await this.#last).text;
  }

  async #measure(now: number): Promise<Measured> {
    const registry = new Registry();
    const measured = new Registry();
    const isMeasured = await inTime(this.#ledgerGauges(measured, now));
    await this.#ownGauges(registry, isMeasured);
    const texts = isMeasured ? [await measured.metrics()] : [];
    return { at: now, text: [...texts, await registry.metrics()].join('\n') };
  }

  async #ledgerGauges(registry: Registry, now: number): Promise<void> {
    const cells = await measureMetrics(this.#services.ledger, {
      metrics: METRICS.map(({ name }) => name),
      from: now - WINDOW,
      to: now,
      by: ['prompt', 'model'],
      limit: MOST_SERIES,
    });
    for (const metric of METRICS.filter(({ name }) => !name.includes(':'))) {
      const kinds = metric.name === 'error_rate';
      const gauge = new Gauge({
        name: `binnacle_${metric.name}`,
        help: helpOf(metric),
        labelNames: kinds ? ['prompt', 'model', 'kind'] : ['prompt', 'model'],
        registers: [registry],
      });
      for (const { group, values } of cells) {
        const labels = { prompt: group.prompt ?? '', model: group.model ?? '' };
        // No data has no sample: an absent series, not a zero.
        for (const [name, { value }] of values)
          if (value !== null && (name === metric.name || (kinds && name.startsWith('error_rate:'))))
            gauge.set(kinds ? { ...labels, kind: name.split(':')[1] ?? 'any' } : labels, value);
      }
    }
  }

  async #ownGauges(registry: Registry, isMeasured: boolean): Promise<void> {
    const { health, faults, firing } = this.#services;
    const registers = [registry];
    const { spool, ledger, workers } = health();
    const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
      new Gauge({ name, help, labelNames, registers });
    gauge('binnacle_ledger_up', '1 while the ledger answers.').set(
      ledger.state === 'ready' && isMeasured ? 1 : 0,
    );
    gauge('binnacle_spool_lag_seconds', 'Age of the oldest push that is not in the ledger.').set(
      (spool.lag_ms ?? 0) / 1000,
    );
    const wedged = gauge('binnacle_worker_wedged', '1 while a scheduled job runs for too long.', ['job']);
    const failed = gauge('binnacle_worker_failed', '1 when the last run of a job failed.', ['job']);
    for (const { name, state } of workers) {
      wedged.set({ job: name }, state === 'wedged' ? 1 : 0);
      failed.set({ job: name }, state === 'failed' ? 1 : 0);
    }
    const fault = gauge('binnacle_fault', '1 for each fault of Binnacle itself that people were told of.', [
      'fault',
    ]);
    for (const name of faults()) fault.set({ fault: name }, 1);
    const alert = gauge('binnacle_alert_firing', 'Alerts that fire now.', ['rule', 'severity']);
    for (const { rule, severity } of await firing()) alert.inc({ rule, severity });
  }
}

/** Whether it was done within the patience of a scrape. */
async function inTime(work: Promise<void>): Promise<boolean> {
  const done = work.then(
    () => true,
    () => false,
  );
  return Promise.race([done, sleep(LEDGER_PATIENCE_MS, false, { ref: false })]);
}

function helpOf({ name, unit }: Metric): string {
  return `${name.replaceAll('_', ' ')} over the last five minutes, ${unit}.`;
}
