// Measures metrics and alert rules over a million interactions: every metric over seven days by hour, and 200 rules evaluated at once.
// node bench/metrics.ts [ROWS] [--json] — default 1,000,000; made-up rows over seven days; everything in a scratch folder that is removed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

async function fill(ledger: LedgerClient): Promise<void> {
  for (let made = 0; made < total;) {
    const frames: Buffer[] = [];
    for (; frames.length < 5_000 && made < total; made += 1) {
      const at = START + Math.floor((made / total) * 7 * DAY);
      const begin = sampleBegin(newId('int', at), at, {
        model: `model-${made % 5}`,
        version: `3.${made % 4}`,
        prompt: `prompt-${made % 20}`,
        end_user: `user-${made % 5000}`,
        key: `key_${made % 10}`,
      });
      const row = sampleEnd(begin, BigInt(made % 1000) * 1_000_000_000n, 200, {
        latency_ms: 200 + ((made * 7919) % 4000),
        scores: made % 3 === 0 ? { grounded: (made % 100) / 100 } : {},
      });
      frames.push(encodeFrame(row));
      if (made % 10 === 0) frames.push(encodeFrame(sampleFeedback(newId('fbk', at), row.id, at + 1000)));
    }
    await ledger.ingest({ name: `gw/metrics/${made}`, frames: Buffer.concat(frames) });
  }
}

async function timed(name: string, repeats: number, run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  write(`${name}: median ${median.toFixed(0)} ms, longest ${(times.at(-1) ?? 0).toFixed(0)} ms`);
  return median;
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
    slowest = Math.max(
      slowest,
      await timed(`${metric} by hour, 7 days`, 5, () =>
        measureMetrics(ledger, { metrics: [metric], from: START, to: END, stepMilliseconds: HOUR }),
      ),
    );
  write(`slowest metric by hour over 7 days: ${slowest.toFixed(0)} ms (median of 5)`);
  const all = rules();
  const rulesMs = await timed('200 alert rules at once', 5, () => measureRules(ledger, all, END));
  if (asJson) process.stdout.write(`${JSON.stringify({ slowestMs: slowest, rulesMs })}\n`);
} finally {
  await ledger.close();
  rmSync(directory, { recursive: true, force: true });
}
