// The gateway's raw counters for Prometheus: answers by endpoint and status, their time, requests in flight, spool and memory.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SpoolFigures } from '../storage/spool/spool-options.ts';

export interface GatewayMetrics {
  readonly registry: Registry;
  observe(path: string, status: number, milliseconds: number): void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function gatewayMetrics(facts: {
  readonly inFlight: () => number;
  readonly spool: () => SpoolFigures;
}): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  const answers = new Counter({
    name: 'binnacle_gateway_answers_total',
    help: 'HTTP answers of the gateway.',
    labelNames: ['endpoint', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'binnacle_gateway_answer_seconds',
    help: 'Seconds from the head of a request to the end of its answer.',
    labelNames: ['endpoint'],
    buckets: SECONDS,
    registers,
  });
  gauge(registry, 'binnacle_gateway_in_flight', 'Requests being answered now.', facts.inFlight);
  gauge(registry, 'binnacle_gateway_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge(registry, 'binnacle_spool_writable', '1 when rows can be recorded.', () =>
    facts.spool().writable ? 1 : 0,
  );
  gauge(
    registry,
    'binnacle_spool_lag_bytes',
    'Recorded and not yet in the ledger.',
    () => facts.spool().unacknowledgedBytes,
  );
  return {
    registry,
    observe(path, status, milliseconds) {
      const endpoint = path === '' ? 'none' : path;
      answers.inc({ endpoint, status: String(status) });
      seconds.observe({ endpoint }, milliseconds / 1000);
    },
  };
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const made = new Gauge({
    name,
    help,
    registers: [],
    collect() {
      this.set(read());
    },
  });
  registry.registerMetric(made);
}
