// Measures how fast an installation starts and what memory its processes take: each process alone as the supervisor starts it, then `up` as a
// whole, several times over a data folder that has served before; resident memory of each process when it answers and after ten idle seconds.
// All of it once for each number of recorded interactions. Processor seconds stand beside wall time, since only they are comparable on a busy machine.
// node bench/start-up.ts [ROUNDS] [--interactions 0,200000] [--idle 10] [--json] — default 5 rounds; a scratch folder that is removed.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { GATEWAY_ALLOCATOR, GATEWAY_ENGINE_OPTIONS } from '../src/app/gateway-engine.ts';
import { silentLogger } from '../src/kernel/logger.ts';
import { openLedger } from '../src/storage/ledger/ledger-child.ts';
import { RowMaker } from './ledger/rows.ts';
import { memoryOf, processTree, type ProcessMemory } from './process-memory.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    interactions: { type: 'string', default: '0,200000' },
    idle: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(positionals[0] ?? 5);
const root = join(import.meta.dirname, '..');
const TICKS_PER_SECOND = 100;
const WAIT_MS = 30_000;
const NAMES: Readonly<Record<string, string>> = {
  'app/gateway.': 'gateway',
  'app/console.': 'console',
  'ledger-process.': 'ledger',
};

interface Figure {
  readonly wallMs: number;
  /** Of this process alone; null where several share the work. */
  readonly cpuMs: number | null;
}

interface Memory {
  readonly process: string;
  readonly ready: ProcessMemory;
  readonly idle: ProcessMemory;
}

interface StartUp {
  readonly interactions: number;
  /** Median, best and worst of the rounds, milliseconds; processor time by median. */
  readonly times: readonly {
    readonly what: string;
    readonly median: number;
    readonly best: number;
    readonly worst: number;
    readonly cpu: number | null;
  }[];
  readonly memory: readonly Memory[];
}

/** User and system time of a process so far, milliseconds, to 10 ms. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function readyChild(module: 'gateway' | 'console', settings: unknown, data: string): Promise<Figure> {
  const started = performance.now();
  const isGateway = module === 'gateway';
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ...(isGateway ? GATEWAY_ENGINE_OPTIONS : []),
      join(root, 'src', 'app', `${module}.ts`),
      JSON.stringify(settings),
    ],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: {
        NODE_COMPILE_CACHE: join(data, 'compile-cache'),
        ...(isGateway ? GATEWAY_ALLOCATOR : {}),
        ...process.env,
      },
    },
  );
  try {
    await once(child, 'message', { signal: AbortSignal.timeout(WAIT_MS) });
    return { wallMs: performance.now() - started, cpuMs: cpuOf(child.pid ?? 0) };
  } finally {
    await end(child);
  }
}

/** Starts `up`, runs what is to be done while it answers, and ends it. */
async function wholeUp(folder: string, meanwhile?: (child: ChildProcess) => Promise<void>): Promise<Figure> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'binnacle'), 'up', '--demo', '--json', '--port', '0', '--console-port', '0'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  try {
    await once(child.stdout, 'data', { signal: AbortSignal.timeout(WAIT_MS) });
    const figure = { wallMs: performance.now() - started, cpuMs: null };
    await meanwhile?.(child);
    return figure;
  } finally {
    await end(child);
  }
}

function nameOf(command: string): string {
  return Object.entries(NAMES).find(([part]) => command.includes(part))?.[1] ?? 'supervisor';
}

async function memoryOfAll(folder: string): Promise<Memory[]> {
  const found: Memory[] = [];
  await wholeUp(folder, async (child) => {
    const all = processTree(child.pid ?? 0);
    const ready = all.map(({ processId }) => memoryOf(processId));
    await pause(Number(values.idle) * 1000);
    for (const [index, { processId, command }] of all.entries()) {
      const [before, idle] = [ready[index], memoryOf(processId)];
      if (before !== undefined) found.push({ process: nameOf(command), ready: before, idle });
    }
  });
  const order = ['gateway', 'console', 'ledger', 'supervisor'];
  return found.toSorted((one, other) => order.indexOf(one.process) - order.indexOf(other.process));
}

async function record(interactions: number, data: string): Promise<void> {
  const ledger = await openLedger({ directory: join(data, 'ledger'), logger: silentLogger });
  try {
    const rows = new RowMaker(interactions, Date.now());
    while (rows.made < interactions)
      await ledger.ingest({
        name: `bench/${rows.made}`,
        frames: rows.batch(interactions - rows.made).frames,
      });
  } finally {
    await ledger.close();
  }
}

function joined(what: string, figures: readonly Figure[]): StartUp['times'][number] {
  const middle = (all: readonly number[]): number =>
    Math.round(all.toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? Number.NaN);
  const wall = figures.map(({ wallMs }) => wallMs);
  const cpu = figures.flatMap(({ cpuMs }) => (cpuMs === null ? [] : [cpuMs]));
  return {
    what,
    median: middle(wall),
    best: Math.round(Math.min(...wall)),
    worst: Math.round(Math.max(...wall)),
    cpu: cpu.length === 0 ? null : middle(cpu),
  };
}

async function measure(interactions: number): Promise<StartUp> {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-start-'));
  try {
    const first = await wholeUp(folder);
    const workspace = join(folder, '.binnacle', 'demo');
    const data = join(workspace, '.binnacle');
    if (interactions > 0) await record(interactions, data);
    const shared = { data_folder: data, workspace_folder: workspace, host: '127.0.0.1', port: 0 };
    const gateway: Figure[] = [];
    const console: Figure[] = [];
    const up: Figure[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      gateway.push(await readyChild('gateway', { ...shared, console_url: 'http://127.0.0.1:9' }, data));
      console.push(await readyChild('console', { ...shared, gateway_url: 'http://127.0.0.1:9' }, data));
      up.push(await wholeUp(folder));
    }
    // The first round fills the caches.
    const times = [
      joined('up, the very first time', [first]),
      joined('gateway, snapshot from its disk', gateway.slice(1)),
      joined('console, until it answers', console.slice(1)),
      joined('up, both answering', up.slice(1)),
    ];
    return { interactions, times, memory: await memoryOfAll(folder) };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function memoryLine(name: string, memory: readonly Memory[]): string {
  const of = (when: 'ready' | 'idle', figure: keyof ProcessMemory): string =>
    memory
      .reduce((sum, one) => sum + one[when][figure], 0)
      .toFixed(0)
      .padStart(8);
  return `${name.padEnd(34)}${of('ready', 'resident')}${of('ready', 'proportional')}${of('idle', 'resident')}${of('idle', 'proportional')}`;
}

function show({ interactions, times, memory }: StartUp): string {
  const whole = (figure: number): string => figure.toFixed(0).padStart(8);
  return [
    `${interactions} interactions in the data folder`,
    `${'start, ms'.padEnd(34)}  median    best   worst processor`,
    ...times.map(
      ({ what, median, best, worst, cpu }) =>
        `${what.padEnd(34)}${whole(median)}${whole(best)}${whole(worst)}${cpu === null ? '' : whole(cpu)}`,
    ),
    // Pages that several processes share, the program itself above all, are divided between them in the second figure of each pair.
    `${'memory, MiB'.padEnd(34)}   ready (its share)    idle (its share)`,
    ...memory.map((one) => memoryLine(one.process, [one])),
    memoryLine('together', memory),
    '',
  ].join('\n');
}

const all: StartUp[] = [];
for (const interactions of values.interactions.split(',').map(Number)) {
  const one = await measure(interactions);
  (values.json ? process.stderr : process.stdout).write(`${show(one)}\n`);
  all.push(one);
}
if (values.json) process.stdout.write(`${JSON.stringify(all)}\n`);
