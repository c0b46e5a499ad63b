// Measures the ledger: rows/s taken with 2 KB payloads, query times over them (also while it takes more), memory of its process.
// node bench/ledger.ts [ROWS] [--json] — default 1,000,000; made-up rows over seven days; everything in a scratch folder that is removed.
// With --json, one document of the decisive figures on stdout and the lines on stderr.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../src/kernel/ids.ts';
import { jsonLogger } from '../src/kernel/logger.ts';
import { encodeFrame } from '../src/storage/spool/frame.ts';
import type { LedgerClient } from '../src/storage/ledger/ledger.ts';
import { openLedger } from '../src/storage/ledger/ledger-child.ts';
import { sampleBegin, sampleEnd, sampleFeedback } from '../src/storage/testing/sample-rows.ts';

const total = Number(process.argv[2] ?? 1_000_000);
const DAY = 86_400_000;
const START = Date.UTC(2026, 8, 1);
const BATCH_BYTES = 4 * 1024 * 1024;
const asJson = process.argv.includes('--json');
const write = (line: string): void => void (asJson ? process.stderr : process.stdout).write(`${line}\n`);

let made = 0;
let feedbacks = 0;

/** The next batch of made-up rows, about 4 MiB of frames as a gateway pushes them; a tenth get feedback. */
function nextBatch(): { frames: Buffer; rows: number } {
  const frames: Buffer[] = [];
  let bytes = 0;
  let rows = 0;
  while (bytes < BATCH_BYTES) {
    const at = START + Math.floor((made / total) * 7 * DAY);
    const begin = sampleBegin(newId('int', at), at, {
      model: `model-${made % 5}`,
      version: `3.${made % 4}`,
      end_user: `user-${made % 5000}`,
      key: `key_${made % 10}`,
    });
    const row = sampleEnd(begin, BigInt(made % 1000) * 1_000_000_000n, 2000, {
      latency_ms: 200 + ((made * 7919) % 4000),
    });
    const added = [encodeFrame(row)];
    if (made % 10 === 0) added.push(encodeFrame(sampleFeedback(newId('fbk', at), row.id, at + 1000)));
    feedbacks += added.length - 1;
    frames.push(...added);
    for (const frame of added) bytes += frame.length;
    made += 1;
    rows += 1;
  }
  return { frames: Buffer.concat(frames), rows };
}

async function ingest(ledger: LedgerClient, rows: number): Promise<number> {
  const started = performance.now();
  let sent = 0;
  let number = 0;
  const sender = async (): Promise<void> => {
    while (sent < rows) {
      const batch = nextBatch();
      sent += batch.rows;
      await ledger.ingest({ name: `gw/${started}/${(number += 1)}`, frames: batch.frames });
    }
  };
  await Promise.all([sender(), sender()]);
  return sent / ((performance.now() - started) / 1000);
}

const WEEK = `at >= toDateTime64('2026-09-01', 3, 'UTC') AND at < toDateTime64('2026-09-08', 3, 'UTC')`;
const queries: Record<string, string> = {
  'latency p50/p90/p99 and cost by hour, 7 days': `SELECT toStartOfHour(at) AS hour, quantilesExact(0.5, 0.9, 0.99)(latency_ms) AS latency, sum(cost_usd) AS cost, count() AS n FROM ledger.interactions WHERE ${WEEK} GROUP BY hour ORDER BY hour`,
  'error rate by hour and model': `SELECT toStartOfHour(at) AS hour, model, countIf(status = 'error') / count() AS errors FROM ledger.interactions WHERE ${WEEK} GROUP BY hour, model ORDER BY hour`,
  'cost by day, prompt, version, model, key': `SELECT toDate(at, 'Europe/Berlin') AS day, prompt, version, model, key, sum(cost_usd) AS cost, sum(input + output) AS tokens FROM ledger.interactions WHERE ${WEEK} GROUP BY ALL ORDER BY day`,
  'positive feedback by hour': `SELECT toStartOfHour(at) AS hour, countIf(thumb = 'up') / countIf(thumb != '') AS positive FROM ledger.feedback WHERE ${WEEK} GROUP BY hour ORDER BY hour`,
  'last 50 interactions': `SELECT * FROM ledger.interactions ORDER BY at DESC, id DESC LIMIT 50`,
  'cost per user, top 20': `SELECT end_user, sum(cost_usd) AS cost FROM ledger.interactions WHERE ${WEEK} GROUP BY end_user ORDER BY cost DESC LIMIT 20`,
};

/** Times each query; the longest median, milliseconds. */
async function timeQueries(ledger: LedgerClient, title: string, repeats: number): Promise<number> {
  let slowest = 0;
  const [one] = await ledger.query<{ id: string }>('SELECT id FROM ledger.interactions LIMIT 1 OFFSET 12345');
  const all = { ...queries, 'one by id': `SELECT * FROM ledger.interactions WHERE id = '${one?.id ?? ''}'` };
  for (const [name, sql] of Object.entries(all)) {
    const times: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const started = performance.now();
      await ledger.query(sql);
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    const [median, last] = [times[Math.floor(times.length / 2)] ?? 0, times.at(-1) ?? 0];
    slowest = Math.max(slowest, median);
    write(`${title}: ${name}: median ${median.toFixed(0)} ms, longest ${last.toFixed(0)} ms`);
  }
  return slowest;
}

/** Peak resident memory of its process, MiB. */
async function memory(ledger: LedgerClient): Promise<number> {
  const { processId, residentBytes } = await ledger.figures();
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  write(
    `memory of the ledger process: ${(residentBytes / 1024 ** 2).toFixed(0)} MiB now, ${peak.toFixed(0)} MiB at its peak`,
  );
  return peak;
}

const directory = mkdtempSync(join(tmpdir(), 'binnacle-bench-'));
const ledger = await openLedger({
  directory,
  logger: jsonLogger('bench', (line) => process.stderr.write(line)),
});
try {
  const rate = await ingest(ledger, total);
  write(
    `ingestion: ${rate.toFixed(0)} interactions/s (${made} rows with 2 KB payloads, attempts, ${feedbacks} feedback)`,
  );
  await memory(ledger);
  const slowestAtRest = await timeQueries(ledger, 'at rest', 9);
  const [during, slowestMeanwhile] = await Promise.all([
    ingest(ledger, Math.max(100_000, total / 10)),
    timeQueries(ledger, 'while ingesting', 5),
  ]);
  write(`ingestion while queried: ${during.toFixed(0)} interactions/s`);
  const peakMebibytes = await memory(ledger);
  const [sums] = await ledger.query<{ n: number; distinct: number }>(
    'SELECT count() AS n, uniqExact(id) AS distinct FROM ledger.interactions',
  );
  write(`rows: ${sums?.n} stored, ${sums?.distinct} distinct, ${made} sent`);
  const figures = { rate, during, slowestAtRest, slowestMeanwhile, peakMebibytes, made, ...sums };
  if (asJson) process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await ledger.close();
  rmSync(directory, { recursive: true, force: true });
}
