// Every fault over the whole system, everything switched on: `binnacle up` on a scratch workspace under steady load, while processes are
// killed, the disk is full, the clock jumps, vendors and networks fail and hostile requests come. Then what clients saw is held against the
// ledger: nothing lost, nothing doubled, every cost right to the last digit, no process dead that was not killed.
//
//   node test/fault/whole-system.ts [--rate 75] [--kills 2] [--seed 1] [--durability durable|process] [--json]
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seededUniform } from '../../src/statistics/seeded.ts';
import type { Durability } from '../../src/storage/spool/spool-options.ts';
import { MixedLoad } from './mixed-load.ts';
import { readStored, reconcile, type Reconciled } from './reconcile.ts';
import { hasOwnMounts, noMountsBecause, runWithOwnMounts } from './small-disk.ts';
import { askOnce, type Counts, type WholeInstallation } from './whole-installation.ts';
import { PHASES, untilIngested, type Scene } from './whole-phases.ts';
import { setStage, type Stage } from './whole-scene.ts';
import { TOLD, usd, verdict } from './whole-verdict.ts';

export interface PhaseReport {
  readonly phase: string;
  readonly requests: number;
  readonly finished: number;
  readonly lost: number;
  readonly doubled: number;
  readonly crashed: number;
  /** Worst milliseconds until what was hit served again; null where nothing was out of service. */
  readonly readyMs: number | null;
  /** Why it was not done; null when it was. */
  readonly skipped: string | null;
}

export interface WholeReport {
  readonly phases: readonly PhaseReport[];
  readonly kills: Counts;
  readonly crashes: Counts;
  /** One line for everything that must not be. */
  readonly faults: readonly string[];
  readonly interrupted: number;
  readonly cacheHits: number;
  readonly findings: number;
  readonly notified: number;
  readonly wrongCost: number;
  /** Decimal US$: settled in the budget of the workspace, and recorded in the ledger. */
  readonly settledUsd: string;
  readonly recordedUsd: string;
  readonly seconds: number;
}

interface Options {
  readonly rate: number;
  readonly kills: number;
  readonly seed: number;
  readonly durability: Durability;
  readonly hostileFile: string;
  readonly log: (text: string) => void;
}

/** What the budget of the workspace has settled and holds, as the refusal of what no budget has room for says. */
async function spentOf(installation: WholeInstallation, key: string): Promise<string> {
  const answer = await askOnce(`${installation.gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'beyond', messages: [{ role: 'user', content: 'x' }] }),
  });
  const text = await answer.text();
  const spent = /: US\$ (\S+) are spent or held/.exec(text)?.[1];
  if (spent === undefined) throw new Error(`no budget said what it holds: ${text.slice(0, 300)}`);
  return spent;
}

async function untilAllIngested(installation: WholeInstallation): Promise<void> {
  await untilIngested(installation, 60_000);
  for (let quiet = 0, tries = 0; quiet < 3; tries += 1) {
    if (tries > 300) throw new Error(`${await installation.lag()} bytes never arrive in the ledger`);
    quiet = (await installation.lag().catch(() => 1)) === 0 ? quiet + 1 : 0;
    await pause(200);
  }
}

/** Rules are looked at each quarter of a minute, and must hold for a while first. */
const TOLD_WITHIN_MS = 60_000;

/** Waits until what must be told has been told, or until it is too late; the verdict says what is missing. */
async function untilTold(notified: ReadonlyMap<string, number>): Promise<void> {
  const until = performance.now() + TOLD_WITHIN_MS;
  while (!TOLD.every((type) => notified.has(type)) && performance.now() < until) await pause(100);
}

function startOfMonth(): number {
  const now = new Date();
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
}

type PhaseSeen = Pick<PhaseReport, 'phase' | 'crashed' | 'readyMs' | 'skipped'>;

const total = (counts: Counts): number =>
  Object.values(counts).reduce((sum, count) => sum + Math.max(0, count), 0);

async function runPhases(scene: Scene): Promise<{ readonly seen: PhaseSeen[]; readonly faults: string[] }> {
  const seen: PhaseSeen[] = [];
  const faults: string[] = [];
  const { installation, load, log } = scene;
  for (const { name, run } of PHASES) {
    load.phase = name;
    const before = total(installation.crashes());
    const result = await run(scene);
    faults.push(...result.faults.map((fault) => `${name}: ${fault}`));
    const skipped = result.skipped ?? null;
    if (skipped !== null) log(`skipped: ${name}: ${skipped}`);
    const crashed = total(installation.crashes()) - before;
    seen.push({ phase: name, crashed, readyMs: result.readyMs, skipped });
  }
  await load.stop();
  return { seen, faults };
}

/** What the console says of itself and of its chain when all is over. */
async function faultsAfter(installation: WholeInstallation): Promise<string[]> {
  const { workers } = (await installation.api('/healthz')) as {
    workers: { name: string; state: string; error: string }[];
  };
  const bad = workers.filter(({ state }) => state === 'wedged' || state === 'failed');
  const audit = (await installation.api('/api/audit/verify')) as { sound: boolean };
  return [
    ...bad.map(({ name, state, error }) => `job ${name} is ${state} at the end: ${error}`),
    ...(audit.sound ? [] : [`the audit chain is not whole: ${JSON.stringify(audit)}`]),
  ];
}

function phaseReport(seen: PhaseSeen, { outcomes }: MixedLoad, { lost, doubled }: Reconciled): PhaseReport {
  const own = outcomes.filter(({ phase }) => phase === seen.phase);
  const ids = new Set(own.map(({ id }) => id));
  const within = (list: readonly string[]): number =>
    list.filter((id) => ids.has(id.split('/')[0] ?? '')).length;
  const finished = own.filter(({ end }) => end === 'finished').length;
  return { ...seen, requests: own.length, finished, lost: within(lost), doubled: within(doubled) };
}

/** Runs it all. */
export async function runWholeSystem(options: Options): Promise<WholeReport> {
  await using stage = await setStage(options.durability, options.log);
  try {
    const report = await runOn(stage, options);
    if (report.faults.length > 0) options.log(endOfTerminal(stage));
    return report;
  } catch (error) {
    options.log(endOfTerminal(stage));
    throw error;
  }
}

function endOfTerminal({ installation }: Stage): string {
  return `the end of what it said:\n${installation.terminal.slice(-6_000)}`;
}

async function runOn(stage: Stage, options: Options): Promise<WholeReport> {
  const began = performance.now();
  const { installation, dataFolder, notified } = stage;
  await installation.start();
  const keys = await installation.makeKeys();
  await pause(2_000);
  const dice = seededUniform(options.seed);
  const load = new MixedLoad(installation.gateway, keys, dice);
  const wanted = new Map<string, string>();
  load.start(options.rate);
  const scene: Scene = { ...options, ...stage, load, key: keys.main, dice, errors: wanted };
  const { seen, faults } = await runPhases(scene);
  await untilAllIngested(installation);
  await untilTold(notified);
  faults.push(...(await faultsAfter(installation)));
  const settledUsd = await spentOf(installation, keys.main);
  await installation.stop();
  const stored = await readStored(dataFolder);
  const { outcomes } = load;
  const reconciled = reconcile(outcomes, stored, startOfMonth());
  const crashes = installation.crashes();
  faults.push(...verdict({ outcomes, stored, reconciled, wanted, crashes, settledUsd, notified }));
  return {
    phases: seen.map((one) => phaseReport(one, load, reconciled)),
    kills: installation.kills,
    crashes,
    faults,
    interrupted: reconciled.interrupted,
    cacheHits: outcomes.filter(({ cacheHit }) => cacheHit).length,
    findings: stored.findings,
    notified: [...notified.values()].reduce((sum, count) => sum + count, 0),
    wrongCost: reconciled.wrongCost.length,
    settledUsd,
    recordedUsd: usd(reconciled.recorded),
    seconds: (performance.now() - began) / 1000,
  };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rate: { type: 'string', default: '75' },
      kills: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      durability: { type: 'string', default: 'durable' },
      json: { type: 'boolean', default: false },
    },
  });
  const why = hasOwnMounts() ? null : noMountsBecause();
  if (!hasOwnMounts() && why === null) return runWithOwnMounts(process.argv.slice(1));
  if (why !== null) console.error(`skipped: disk full: ${why}`);
  const report = await runWholeSystem({
    rate: Number(values.rate),
    kills: Number(values.kills),
    seed: Number(values.seed),
    durability: values.durability === 'process' ? 'process' : 'durable',
    hostileFile: fileURLToPath(new URL('../../../shared/data/hostile.jsonl', import.meta.url)),
    log: (text) => process.stderr.write(`${text}\n`),
  });
  const { phases, ...rest } = report;
  if (values.json) console.log(JSON.stringify(report));
  else {
    console.table(
      phases.map((row) => ({ ...row, readyMs: row.readyMs === null ? '' : Math.round(row.readyMs) })),
    );
    console.log(rest);
  }
  return report.faults.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main();
