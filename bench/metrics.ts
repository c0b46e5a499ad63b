// Measures metrics and alert rules over a million interactions, at rest and while more are taken in: every metric over
// seven days by hour, 200 rules evaluated at once, rows taken per second meanwhile, memory of the ledger process.
// node bench/metrics.ts [ROWS] [--json] — default 1,000,000; made-up rows over seven days; everything in a scratch folder that is removed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertRule } from '../src/contract/alert-rule.ts';
import { METRIC_NAMES } from '../src/contract/metric-names.ts';
import { newId } from '../src/kernel/ids.ts';
import { jsonLogger } from '../src/kernel/logger.ts';
import { measureRules } from '../src/monitoring/alerts/measure-rules.ts';
import { measureMetrics } from '../src/monitoring/metrics/measure-metrics.ts';
import type { LedgerClient } from '../src/storage/ledger/ledger.ts';
import { openLedger } from '../src/storage/ledger/ledger-child.ts';
import { encodeFrame } from '../src/storage/spool/frame.ts';
import { sampleBegin, sampleEnd, sampleFeedback } from '../src/storage/testing/sample-rows.ts';

const total = Number(process.argv[2] ?? 1_000_000);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 8, 1);
const END = START + 7 * DAY;
const asJson = process.argv.includes('--json');
const write = (line: string): void => void (asJson ? process.stderr : process.stdout).write(`${line}\n`);

/** One interaction, every tenth with feedback. */
function framesOf(index: number, at: number, payloadCharacters: number): Buffer[] {
  const begin = sampleBegin(newId('int', at), at, {
    model: `model-${index % 5}`,
    version: `3.${index % 4}`,
    prompt: `prompt-${index % 20}`,
    end_user: `user-${index % 5000}`,
    key: `key_${index % 10}`,
  });
  const row = sampleEnd(begin, BigInt(index % 1000) * 1_000_000_000n, payloadCharacters, {
    latency_ms: 200 + ((index * 7919) % 4000),
    scores: index % 3 === 0 ? { grounded: (index % 100) / 100 } : {},
  });
  const frames = [encodeFrame(row)];
  if (index % 10 === 0) frames.push(encodeFrame(sampleFeedback(newId('fbk', at), row.id, at + 1000)));
  return frames;
}

async function fill(ledger: LedgerClient): Promise<void> {
  for (let made = 0; made < total;) {
    const frames: Buffer[] = [];
    for (; frames.length < 5_000 && made < total; made += 1)
      frames.push(...framesOf(made, START + Math.floor((made / total) * 7 * DAY), 200));
    await ledger.ingest({ name: `gw/metrics/${made}`, frames: Buffer.concat(frames) });
  }
}

const BATCH_BYTES = 4 * 1024 * 1024;

/** What has to be taken in meanwhile, and a little more: interactions a second. */
const PACE = 10_500;

/** Interactions of the last hour with 2 KB payloads, in batches as a gateway pushes them, at that pace until told to stop; how many a second. */
async function ingestUntil(ledger: LedgerClient, stop: AbortSignal): Promise<number> {
  const started = performance.now();
  let [made, batches] = [0, 0];
  const sender = async (): Promise<void> => {
    while (!stop.aborted) {
      const early = (made / PACE) * 1000 - (performance.now() - started);
      if (early > 0) await sleep(early);
      const frames: Buffer[] = [];
      for (let bytes = 0; bytes < BATCH_BYTES; made += 1) {
        const added = framesOf(made, END - HOUR + (made % 3_600_000), 2_000);
        frames.push(...added);
        for (const frame of added) bytes += frame.length;
      }
      await ledger.ingest({ name: `gw/meanwhile/${(batches += 1)}`, frames: Buffer.concat(frames) });
    }
  };
  await Promise.all([sender(), sender()]);
  return made / ((performance.now() - started) / 1000);
}

async function timedOnce(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

async function timed(name: string, repeats: number, run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) times.push(await timedOnce(run));
  write(`${name}: median ${median(times).toFixed(0)} ms, longest ${Math.max(...times).toFixed(0)} ms`);
  return median(times);
}

interface Meanwhile {
  readonly rate: number;
  /** Of all metrics' medians the longest. */
  readonly slowestMs: number;
  readonly rulesMs: number;
}

/** Metrics one after another, four a second as an open page asks for them, and all rules every five seconds; the console does so every 15. */
async function whileIngesting(ledger: LedgerClient, all: readonly AlertRule[]): Promise<Meanwhile> {
  const stop = new AbortController();
  const ingesting = ingestUntil(ledger, stop.signal);
  const times = new Map<string, number[]>(METRIC_NAMES.map((metric) => [metric, []]));
  const rulesTimes: number[] = [];
  const looking = (async () => {
    for (let round = 0; round < 3; round += 1)
      for (const metric of METRIC_NAMES) {
        times.get(metric)?.push(await timedOnce(() => byHour(ledger, metric)));
        await sleep(250);
      }
  })();
  const evaluating = (async () => {
    while (!stop.signal.aborted) {
      rulesTimes.push(await timedOnce(() => measureRules(ledger, all, END)));
      await sleep(5_000, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  await looking;
  stop.abort();
  const [rate] = await Promise.all([ingesting, evaluating]);
  const medians = [...times].map(([metric, values]) => ({ metric, value: median(values) }));
  const slowest = medians.reduce((one, other) => (other.value > one.value ? other : one));
  write(
    `while ingesting: slowest metric ${slowest.metric}, median ${slowest.value.toFixed(0)} ms; longest of all ${Math.max(...[...times.values()].flat()).toFixed(0)} ms`,
  );
  write(
    `while ingesting: 200 alert rules, median ${median(rulesTimes).toFixed(0)} ms, longest ${Math.max(...rulesTimes).toFixed(0)} ms`,
  );
  write(`ingestion meanwhile: ${rate.toFixed(0)} interactions/s with 2 KB payloads`);
  return { rate, slowestMs: slowest.value, rulesMs: median(rulesTimes) };
}

function byHour(ledger: LedgerClient, metric: string): Promise<unknown> {
  return measureMetrics(ledger, { metrics: [metric], from: START, to: END, stepMilliseconds: HOUR });
}

/** Peak resident memory of the ledger's process, MiB. */
async function peakMemory(ledger: LedgerClient): Promise<number> {
  const { processId } = await ledger.figures();
  const peak =
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  write(`memory of the ledger process at its peak: ${peak.toFixed(0)} MiB`);
  return peak;
}

/** 200 rules of every kind: plain, per dimension, narrowed, against a week, seasonal; windows from a minute to an hour. */
function rules(): AlertRule[] {
  return Array.from({ length: 200 }, (_, index): AlertRule => {
    const metric = METRIC_NAMES[index % METRIC_NAMES.length] as string;
    const kind = index % 10;
    return {
      alert_rule: `rule ${index}`,
      condition: {
        metric,
        operator: kind === 8 ? 'increased_by_percentage' : kind === 9 ? 'anomalous' : 'greater_than',
        threshold: 10,
        duration: ([5, 15, 60, 300][index % 4] as number) * 60_000,
        ...(kind === 8 ? { baseline: 7 * DAY - HOUR } : {}),
        ...(kind === 7 ? { per: 'model' as const } : {}),
        where:
          kind < 5 ? { prompt: `prompt-${index % 20}` } : kind === 6 ? { model: `model-${index % 5}` } : {},
      },
      action: 'create incident',
      severity: 'warning',
      no_data: 'keep',
      enabled: true,
    };
  });
}

const directory = mkdtempSync(join(tmpdir(), 'binnacle-bench-'));
const ledger = await openLedger({
  directory,
  logger: jsonLogger('bench', (line) => process.stderr.write(line)),
});
try {
  await fill(ledger);
  write(`${total} interactions over seven days, a tenth with feedback`);
  let slowest = 0;
  for (const metric of METRIC_NAMES)
    slowest = Math.max(slowest, await timed(`${metric} by hour, 7 days`, 5, () => byHour(ledger, metric)));
  write(`slowest metric by hour over 7 days: ${slowest.toFixed(0)} ms (median of 5)`);
  const all = rules();
  const rulesMs = await timed('200 alert rules at once', 5, () => measureRules(ledger, all, END));
  const meanwhile = await whileIngesting(ledger, all);
  const peakMebibytes = await peakMemory(ledger);
  const figures = { slowestMs: slowest, rulesMs, meanwhile, peakMebibytes };
  if (asJson) process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await ledger.close();
  rmSync(directory, { recursive: true, force: true });
}
