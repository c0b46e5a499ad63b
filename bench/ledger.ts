// Measures the ledger at each size given: rows/s taken with 2 KB payloads, the ten commonest queries as the console's routes ask them, at
// rest and while more is taken in, memory of its process, bytes on disk.
// node bench/ledger.ts [ROWS …] [--rounds N] [--json] — default 1,000,000; a ledger of its own each, in a scratch folder that is removed;
// about 6 GB of disk and 7 minutes for 5,000,000. With --json, one document of the figures on stdout and the tables on stderr.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { jsonLogger } from '../src/kernel/logger.ts';
import { openLedger } from '../src/storage/ledger/ledger-child.ts';
import type { LedgerClient } from '../src/storage/ledger/ledger.ts';
import { consoleOver, queriesOver, type Query } from './ledger/queries.ts';
import { ledgerTable, type LedgerFigures, type QueryFigures, type Times } from './ledger/report.ts';
import { RowMaker } from './ledger/rows.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } },
});
const sizes = positionals.length === 0 ? [1_000_000] : positionals.map(Number);
const rounds = Number(values.rounds);
/** Interactions a second while queries run: what has to be taken in, and a little more. */
const PACE = 10_500;
const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** Two gateways push at once, as fast as the ledger takes it; interactions a second. */
async function fill(ledger: LedgerClient, rows: RowMaker): Promise<number> {
  const started = performance.now();
  const sender = async (): Promise<void> => {
    while (rows.made < rows.total) {
      const name = `gw/${rows.made}`;
      await ledger.ingest({ name, frames: rows.batch(rows.total - rows.made).frames });
    }
  };
  await Promise.all([sender(), sender()]);
  return rows.total / ((performance.now() - started) / 1000);
}

/** Two gateways push rows of the present at the pace until told to stop; interactions a second. */
async function push(ledger: LedgerClient, rows: RowMaker, stop: AbortSignal): Promise<number> {
  const started = performance.now();
  let sent = 0;
  const sender = async (): Promise<void> => {
    while (!stop.aborted) {
      const name = `gw/${rows.made}`;
      const batch = rows.batch(PACE);
      sent += batch.rows;
      await ledger.ingest({ name, frames: batch.frames });
      await pause(Math.max(0, (sent / PACE) * 1000 - (performance.now() - started)));
    }
  };
  await Promise.all([sender(), sender()]);
  return sent / ((performance.now() - started) / 1000);
}

/** The store joins what came in small parts for a while after. */
async function merged(ledger: LedgerClient): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    const [open] = await ledger.query<{ n: number }>('SELECT count() AS n FROM system.merges');
    if (open?.n === 0) return;
    await pause(1000);
  }
}

function timesOf(samples: readonly number[]): Times {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95) };
}

/** Each query in turn, round by round, each time with other values. */
async function timed(app: FastifyInstance, queries: readonly Query[], turn: number): Promise<Times[]> {
  const samples = queries.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [index, { name, address }] of queries.entries()) {
      const url = address(turn + round);
      const started = performance.now();
      const answer = await app.inject({ url });
      samples[index]?.push(performance.now() - started);
      if (answer.statusCode !== 200) throw new Error(`${name}: ${answer.statusCode} ${answer.body}`);
    }
  return samples.map(timesOf);
}

async function memory(ledger: LedgerClient): Promise<{ resident: number; peak: number }> {
  const { processId, residentBytes } = await ledger.figures();
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  return {
    resident: residentBytes / 1024 ** 2,
    peak: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
  };
}

/** Compressed bytes of each table. */
async function onDisk(ledger: LedgerClient): Promise<Record<string, number>> {
  const rows = await ledger.query<{ table: string; bytes: number }>(
    "SELECT table, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = 'ledger' GROUP BY table ORDER BY bytes DESC",
  );
  return Object.fromEntries(rows.map(({ table, bytes }) => [table, bytes]));
}

async function measure(ledger: LedgerClient, size: number): Promise<LedgerFigures> {
  const rows = new RowMaker(size, Date.now());
  note(`taking in ${size} interactions …`);
  const rate = await fill(ledger, rows);
  const afterFilling = await memory(ledger);
  note('joining parts, then asking …');
  await merged(ledger);
  const disk = await onDisk(ledger);
  const app = await consoleOver(ledger);
  const queries = queriesOver(rows);
  await timed(app, queries.slice(0, 1), 0);
  const atRest = await timed(app, queries, 1);
  note('asking while more is taken in …');
  const stop = new AbortController();
  const pushed = push(ledger, rows, stop.signal);
  const meanwhile = await timed(app, queries, 1000).finally(() => stop.abort());
  const meanwhileRate = await pushed;
  const [stored] = await ledger.query<{ n: number; ids: number; feedback: number }>(
    'SELECT count() AS n, uniqExact(id) AS ids, (SELECT count() FROM ledger.feedback) AS feedback FROM ledger.interactions',
  );
  await app.close();
  const { resident, peak } = await memory(ledger);
  return {
    size,
    rate,
    meanwhileRate,
    residentAfterFilling: afterFilling.resident,
    peakWhileFilling: afterFilling.peak,
    resident,
    peak,
    bytesPerInteraction: Object.values(disk).reduce((sum, bytes) => sum + bytes, 0) / size,
    bytesByTable: disk,
    made: rows.made,
    feedback: rows.feedback,
    stored: stored?.n ?? 0,
    distinct: stored?.ids ?? 0,
    storedFeedback: stored?.feedback ?? 0,
    queries: queries.map(({ name, isCommon }, index): QueryFigures => ({
      name,
      isCommon,
      atRest: atRest[index] ?? timesOf([]),
      meanwhile: meanwhile[index] ?? timesOf([]),
    })),
  };
}

async function measured(size: number): Promise<LedgerFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'binnacle-bench-'));
  const ledger = await openLedger({
    directory,
    logger: jsonLogger('bench', (line) => process.stderr.write(line)),
  });
  try {
    return await measure(ledger, size);
  } finally {
    await ledger.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const all: LedgerFigures[] = [];
for (const size of sizes) all.push(await measured(size));
(values.json ? note : console.log)(ledgerTable(all));
if (values.json) console.log(JSON.stringify(all));
