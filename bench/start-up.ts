// Measures how fast an installation starts: each process alone as the supervisor starts it, then `up` as a whole, each several times over
// a data folder that has served before. node bench/start-up.ts [ROUNDS] — default 5; processor seconds stand beside wall time, since
// only they are comparable on a busy machine.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rounds = Number(process.argv[2] ?? 5);
const root = join(import.meta.dirname, '..');
const TICKS_PER_SECOND = 100;
const WAIT_MS = 30_000;

interface Figure {
  readonly wallMs: number;
  /** Of this process alone; null where several share the work. */
  readonly cpuMs: number | null;
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

async function readyChild(module: string, settings: unknown, data: string): Promise<Figure> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(root, 'src', 'app', `${module}.ts`),
      JSON.stringify(settings),
    ],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(data, 'compile-cache') },
    },
  );
  try {
    await once(child, 'message', { signal: AbortSignal.timeout(WAIT_MS) });
    return { wallMs: performance.now() - started, cpuMs: cpuOf(child.pid ?? 0) };
  } finally {
    await end(child);
  }
}

async function wholeUp(folder: string): Promise<Figure> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'binnacle'), 'up', '--demo', '--json', '--port', '0', '--console-port', '0'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  try {
    await once(child.stdout, 'data', { signal: AbortSignal.timeout(WAIT_MS) });
    return { wallMs: performance.now() - started, cpuMs: null };
  } finally {
    await end(child);
  }
}

function show(name: string, figures: readonly Figure[]): void {
  const middle = (values: readonly number[]): number =>
    Math.round(values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0);
  const cpu = figures.flatMap(({ cpuMs }) => (cpuMs === null ? [] : [cpuMs]));
  const told = cpu.length === 0 ? '' : `, ${middle(cpu)} ms processor time`;
  const wall = figures.map(({ wallMs }) => wallMs);
  process.stdout.write(
    `${name.padEnd(34)} ${middle(wall)} ms (best ${Math.round(Math.min(...wall))}, worst ${Math.round(Math.max(...wall))})${told}\n`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'binnacle-start-'));
try {
  const first = [await wholeUp(folder)];
  show('up, the very first time', first);
  const workspace = join(folder, '.binnacle', 'demo');
  const data = join(workspace, '.binnacle');
  const shared = { data_folder: data, workspace_folder: workspace, host: '127.0.0.1', port: 0 };
  const measured: Record<string, Figure[]> = { gateway: [], console: [], up: [] };
  for (let round = 0; round <= rounds; round += 1) {
    const gateway = await readyChild('gateway', { ...shared, console_url: 'http://127.0.0.1:9' }, data);
    const console = await readyChild('console', { ...shared, gateway_url: 'http://127.0.0.1:9' }, data);
    const up = await wholeUp(folder);
    // The first round fills the caches.
    if (round === 0) continue;
    measured['gateway']?.push(gateway);
    measured['console']?.push(console);
    measured['up']?.push(up);
  }
  show('gateway, snapshot from its disk', measured['gateway'] ?? []);
  show('console, until it answers', measured['console'] ?? []);
  show('up, both answering', measured['up'] ?? []);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
