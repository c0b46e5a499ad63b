// The kill harness: an installation under 100 requests a second, a third of them streams, whose processes are killed with SIGKILL at random
// moments. What the clients saw is then held against the ledger: every answer that ended is there once, nothing twice, sums agree.
//
//   node test/fault/kill.ts [--kills 20] [--rate 100] [--seed 1] [--process gateway|console|ledger|supervisor]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { formatUsd, parseUsd } from '../../src/kernel/money.ts';
import { seededUniform } from '../../src/statistics/seeded.ts';
import { scratchFolder, startUp, stopUp } from '../end-to-end/installation.ts';
import { freePort } from './budget-gateway.ts';
import { Load, type Outcome } from './load.ts';
import { ANSWERING, KILLED, untilReady, victimOf, type Killed } from './processes.ts';

export interface KillReport {
  readonly kills: Readonly<Record<Killed, number>>;
  /** Milliseconds from each kill until the gateway (or the console, where that was hit) answered again, worst. */
  readonly worstReadyMs: Readonly<Record<Killed, number>>;
  readonly sent: number;
  /** Answers that the client saw to their end. */
  readonly finished: number;
  readonly cut: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly wrongCost: readonly string[];
  readonly interrupted: number;
}

interface Options {
  readonly kills: number;
  readonly rate: number;
  readonly seed: number;
  readonly processes: readonly Killed[];
  readonly log: (text: string) => void;
}

interface Recorded {
  readonly id: string;
  readonly status: string;
  readonly cost_usd: string | null;
}

async function everything(consoleUrl: string): Promise<Recorded[]> {
  const rows: Recorded[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`${consoleUrl}/api/interactions?limit=500${query}`);
    const page = (await answer.json()) as { interactions: Recorded[]; next_cursor: string | null };
    rows.push(...page.interactions);
    cursor = page.next_cursor;
  }
  return rows;
}

/** Waits until the ledger stops growing: all that was spooled has arrived. */
async function settled(consoleUrl: string): Promise<Recorded[]> {
  let before = -1;
  for (let quiet = 0; quiet < 3;) {
    await pause(1_500);
    const rows = await everything(consoleUrl).catch(() => null);
    if (rows === null) continue;
    quiet = rows.length === before ? quiet + 1 : 0;
    before = rows.length;
    if (quiet === 3) return rows;
  }
  return everything(consoleUrl);
}

/** Holds what clients saw against what is recorded. Pure. */
export function compare(
  outcomes: readonly Outcome[],
  rows: readonly Recorded[],
): Pick<KillReport, 'finished' | 'cut' | 'lost' | 'doubled' | 'wrongCost' | 'interrupted'> {
  const byId = Map.groupBy(rows, (row) => row.id);
  const finished = outcomes.filter((outcome) => outcome.kind === 'finished');
  const wrongCost = finished.filter(({ id, costUsd }) => {
    const cost = byId.get(id)?.[0]?.cost_usd;
    return cost != null && formatUsd(parseUsd(cost)) !== formatUsd(parseUsd(costUsd));
  });
  return {
    finished: finished.length,
    cut: outcomes.length - finished.length,
    lost: finished.filter(({ id }) => !byId.has(id)).map(({ id }) => id),
    doubled: [...byId].filter(([, same]) => same.length > 1).map(([id]) => id),
    wrongCost: wrongCost.map(({ id }) => id),
    interrupted: rows.filter(({ status }) => status === 'interrupted').length,
  };
}

export async function runKills(options: Options): Promise<KillReport> {
  using folder = scratchFolder();
  const dice = seededUniform(options.seed);
  const ports = [await freePort(), await freePort()];
  const arguments_ = ['--demo', '--port', String(ports[0]), '--console-port', String(ports[1])];
  let started = await startUp(folder.path, arguments_);
  const { gateway, console } = started.running;
  const load = new Load({ url: gateway, perSecond: options.rate, random: dice });
  const worst: Record<Killed, number> = { gateway: 0, console: 0, ledger: 0, supervisor: 0 };
  const kills: Record<Killed, number> = { gateway: 0, console: 0, ledger: 0, supervisor: 0 };
  load.start();
  try {
    for (let round = 0; round < options.kills; round += 1) {
      for (const which of options.processes) {
        await pause(500 + dice() * 1_500);
        const victim = victimOf(started, which);
        if (victim === undefined) continue;
        const killedAt = performance.now();
        process.kill(victim, 'SIGKILL');
        kills[which] += 1;
        if (which === 'supervisor') started = await startUp(folder.path, arguments_);
        const ready = await untilReady(ANSWERING[which](gateway, console), killedAt);
        worst[which] = Math.max(worst[which], ready);
        options.log(`${which} killed, ready again after ${Math.round(ready)} ms`);
      }
    }
    await pause(1_000);
    const outcomes = await load.stop();
    const rows = await settled(console);
    return { kills, worstReadyMs: worst, sent: outcomes.length, ...compare(outcomes, rows) };
  } catch (error) {
    const log = readFileSync(join(started.running.data, 'logs', 'binnacle.log'), 'utf8');
    options.log(`the end of the installation's log:\n${log.split('\n').slice(-25).join('\n')}`);
    throw error;
  } finally {
    await load.stop();
    await stopUp(started);
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '20' },
      rate: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      process: { type: 'string' },
    },
  });
  const report = await runKills({
    kills: Number(values.kills),
    rate: Number(values.rate),
    seed: Number(values.seed),
    processes: values.process === undefined ? KILLED : KILLED.filter((name) => name === values.process),
    log: (text) => process.stderr.write(`${text}\n`),
  });
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.lost.length + report.doubled.length + report.wrongCost.length > 0 ? 1 : 0;
}
