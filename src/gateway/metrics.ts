// The gateway's raw counters for Prometheus: answers by endpoint and status, their time, requests in flight, spool and memory. The library
// is loaded with the first answer or scrape, so that it costs the start nothing.
import type { Registry } from 'prom-client';
import type { SpoolFigures } from '../storage/spool/spool-options.ts';

export interface GatewayMetrics {
  /** Prometheus text. */
  readonly registry: { metrics(): Promise<string> };
  observe(path: string, status: number, milliseconds: number): void;
}

interface Answer {
  readonly endpoint: string;
  readonly status: number;
  readonly seconds: number;
}

interface Facts {
  readonly inFlight: () => number;
  readonly spool: () => SpoolFigures;
}

interface LoadedMetrics {
  readonly registry: Registry;
  observe(answer: Answer): void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function gatewayMetrics(facts: Facts): GatewayMetrics {
  const early: Answer[] = [];
  let loaded: LoadedMetrics | null = null;
  let loading: Promise<LoadedMetrics> | null = null;
  const load = (): Promise<LoadedMetrics> => {
    loading ??= loadMetrics(facts).then((metrics) => {
      for (const answer of early.splice(0)) metrics.observe(answer);
      return (loaded = metrics);
    });
    return loading;
  };
  return {
    registry: { metrics: async () => (await load()).registry.metrics() },
    observe(path, status, milliseconds) {
      const answer = { endpoint: path === '' ? 'none' : path, status, seconds: milliseconds / 1000 };
      if (loaded !== null) return loaded.observe(answer);
      early.push(answer);
      void load();
    },
  };
}

async function loadMetrics(facts: Facts): Promise<LoadedMetrics> {
  const { Counter, Gauge, Histogram, Registry } = await import('prom-client');
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
  const gauge = (name: string, help: string, read: () => number): void => {
    const made = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    });
    registry.registerMetric(made);
  };
  gauge('binnacle_gateway_in_flight', 'Requests being answered now.', facts.inFlight);
  gauge('binnacle_gateway_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('binnacle_spool_writable', '1 when rows can be recorded.', () => (facts.spool().writable ? 1 : 0));
  gauge(
    'binnacle_spool_lag_bytes',
    'Recorded and not yet in the ledger.',
    () => facts.spool().unacknowledgedBytes,
  );
  return {
    registry,
    observe({ endpoint, status, seconds: taken }) {
      answers.inc({ endpoint, status: String(status) });
      seconds.observe({ endpoint }, taken);
    },
  };
}
