// Kills the ledger process (and, every fourth time, the console that ingests) at random moments of bulk ingestion and compares what is
// stored with what was written: rows, distinct rows and sums of money, in each table.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/ids.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { parseUsd } from '../../src/kernel/money.ts';
import { openLedger } from '../../src/storage/ledger/ledger-child.ts';
import { openSpool } from '../../src/storage/spool/spool.ts';
import { sampleBegin, sampleEnd } from '../../src/storage/testing/sample-rows.ts';

export interface KillReport {
  readonly kills: number;
  readonly consoleKills: number;
  readonly written: { readonly rows: number; readonly cost: bigint };
  /** Each table's rows, distinct rows and sum of money (null where it holds none). */
  readonly stored: Readonly<
    Record<string, { readonly rows: number; readonly distinct: number; readonly cost: bigint | null }>
  >;
}

async function fillSpool(folder: string, rows: number): Promise<bigint> {
  const spool = await openSpool({
    directory: join(folder, 'spool'),
    durability: 'process',
    clock: systemClock,
    logger: silentLogger,
    segmentBytes: 2 * 1024 * 1024,
  });
  let cost = 0n;
  for (let index = 0; index < rows; index += 200) {
    const ends = Array.from({ length: Math.min(200, rows - index) }, (_, offset) => {
      const at = Date.now();
      const amount = BigInt(index + offset) * 1_000_003n + 1n;
      cost += amount;
      return sampleEnd(sampleBegin(newId('int', at), at), amount, 800);
    });
    await Promise.all(ends.map((end) => spool.appendDurable(end)));
  }
  await spool.close();
  return cost;
}

interface Console {
  readonly child: ChildProcess;
  ledger: number | null;
  done: boolean;
}

function startConsole(folder: string, rangeBytes: number): Console {
  const script = join(import.meta.dirname, 'ingesting-console.ts');
  const child = spawn(process.execPath, [script, folder, String(rangeBytes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const running: Console = { child, ledger: null, done: false };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const told = /ledger (\d+)\n(?!.*ledger)/s.exec(text);
    if (told !== null) running.ledger = Number(told[1]);
    if (text.includes('done')) running.done = true;
  });
  return running;
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** Kills `kills` times while `rows` rows are ingested in ranges of `rangeBytes`, then lets ingestion end and counts. */
export async function killIngestion(
  folder: string,
  options: { kills: number; rows: number; rangeBytes: number },
): Promise<KillReport> {
  const cost = await fillSpool(folder, options.rows);
  let kills = 0;
  let consoleKills = 0;
  let running = startConsole(folder, options.rangeBytes);
  while (!running.done) {
    await sleep(5);
    if (running.child.exitCode !== null && !running.done)
      throw new Error(`the console ended with ${running.child.exitCode}`);
    if (running.ledger === null || kills >= options.kills) continue;
    await sleep(Math.random() * 150);
    if (running.done) break;
    const isConsole = kills % 4 === 3;
    const victim = isConsole ? running.child.pid : running.ledger;
    running.ledger = null;
    if (victim === undefined || !kill(victim)) continue;
    kills += 1;
    if (!isConsole) continue;
    consoleKills += 1;
    running = startConsole(folder, options.rangeBytes);
  }
  return { kills, consoleKills, written: { rows: options.rows, cost }, stored: await count(folder) };
}

async function count(folder: string): Promise<KillReport['stored']> {
  const ledger = await openLedger({ directory: join(folder, 'ledger'), logger: silentLogger });
  const stored: Record<string, { rows: number; distinct: number; cost: bigint | null }> = {};
  for (const [table, id, money] of [
    ['interactions', 'id', 'cost_usd'],
    ['attempts', 'id', 'cost_usd'],
    ['payloads', 'interaction', 'NULL'],
  ]) {
    const [row] = await ledger.query<{ rows: number; distinct: number; cost: string | null }>(
      `SELECT count() AS rows, uniqExact(${id}) AS distinct, toString(sum(${money})) AS cost FROM ledger.${table}`,
    );
    if (row !== undefined) {
      const cost = row.cost === null || money === 'NULL' ? null : parseUsd(row.cost);
      stored[table ?? ''] = { rows: row.rows, distinct: row.distinct, cost };
    }
  }
  await ledger.close();
  return stored;
}
