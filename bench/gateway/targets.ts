// The targets of the benchmark: how each is started on its core, where it answers, what it costs. Each serves the same mock upstream.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '../../src/contract/snapshot.ts';
import { gatewayCommand } from './gateway-process.ts';
import { CACHED_PROMPT, limited } from './limited.ts';
import { BENCH_KEY, type BodyKind } from './wire.ts';

export const UPSTREAM_PORT = 18_090;
export const GATEWAY_CORE = '1';
export const LOAD_CORE = '0';

export interface Target {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: OpenAI's, for the model `bench`. */
  readonly body?: BodyKind;
  /** Processes whose CPU time and memory are the target's. */
  readonly pids: readonly number[];
  stop(): void;
}

/** Headers of every request, where a target needs no others. */
export const SHOWN: Readonly<Record<string, string>> = { authorization: `Bearer ${BENCH_KEY}` };

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Starts a command on one core. */
export function pinned(
  core: string,
  command: string,
  args: readonly string[],
  ipc: boolean,
  quiet = false,
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn('taskset', ['-c', core, command, ...args], {
    stdio: ['ignore', 'ignore', quiet ? 'ignore' : 'inherit', ...(ipc ? (['ipc'] as const) : [])],
    env: { ...process.env, ...environment },
  });
}

/** Starts a module of this folder beside the load. */
export function besideLoad(name: string, args: readonly string[]): ChildProcess {
  return pinned(LOAD_CORE, process.execPath, [here(name), ...args], true);
}

async function answers(port: number, name: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} does not answer on port ${port}`);
}

async function started(
  child: ChildProcess,
  name: string,
  port: number,
  rest: Partial<Target> = {},
): Promise<Target> {
  await answers(port, name);
  const pid = child.pid ?? 0;
  return {
    name,
    port,
    path: '/v1/chat/completions',
    headers: SHOWN,
    pids: [pid],
    stop: () => child.kill('SIGTERM'),
    ...rest,
  };
}

export async function startUpstream(): Promise<ChildProcess> {
  const child = besideLoad('mock-upstream.ts', [String(UPSTREAM_PORT)]);
  await answers(UPSTREAM_PORT, 'mock upstream');
  return child;
}

export function directTarget(): Target {
  return {
    name: 'direct',
    port: UPSTREAM_PORT,
    path: '/v1/chat/completions',
    headers: SHOWN,
    pids: [],
    stop: () => undefined,
  };
}

export async function startBare(): Promise<Target> {
  const child = pinned(
    GATEWAY_CORE,
    process.execPath,
    [here('bare-proxy.ts'), '18091', String(UPSTREAM_PORT)],
    true,
  );
  return started(child, 'bare undici', 18_091);
}

/** nginx (one worker) with keep-alive to the upstream; null where it is not installed. */
export async function startNginx(folder: string): Promise<Target | null> {
  if (!existsSync('/usr/sbin/nginx')) return null;
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(
    configuration,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log /dev/null;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; client_body_buffer_size 64k; keepalive_requests 100000000;
upstream vendor { server 127.0.0.1:${UPSTREAM_PORT}; keepalive 128; keepalive_requests 100000000; }
server { listen 127.0.0.1:18092; location / { proxy_pass http://vendor; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } } }`,
  );
  const child = pinned(GATEWAY_CORE, '/usr/sbin/nginx', ['-c', configuration, '-p', folder], false);
  return started(child, 'nginx', 18_092);
}

/** Portkey's gateway from its scratch folder (see install-portkey.sh); null where it is not installed. */
export async function startPortkey(folder: string): Promise<Target | null> {
  const entry = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  if (!existsSync(entry)) return null;
  const child = pinned(GATEWAY_CORE, process.execPath, [entry, '--headless', '--port=18093'], false, true);
  return started(child, 'Portkey', 18_093, {
    headers: {
      authorization: 'Bearer x',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${UPSTREAM_PORT}/v1`,
    },
  });
}

/** What the benchmarks serve: one model each of two simulated vendors, `bench` in OpenAI's format and `bench-anthropic` in Anthropic's. */
export function benchSnapshot(durability: 'durable' | 'process', guardrails: unknown = {}): Snapshot {
  const timeouts = { connect: 2000, firstByte: 10_000, idle: 10_000, total: 30_000 };
  const rates = { input: '0.15', output: '0.6', cache_read: '0.075' };
  const provider = {
    baseUrl: `http://127.0.0.1:${UPSTREAM_PORT}/v1`,
    apiKey: null,
    headers: {},
    options: {},
    allowPrivate: true,
    timeouts,
    simulated: true,
  };
  const model = (from: string): Snapshot['models'][string] => ({
    deployments: [{ provider: from, upstreamModel: 'bench', weight: 1 }],
    balance: 'weighted',
    fallbacks: [],
    moderated: false,
    tags: [],
    contextWindow: null,
    maxOutputTokens: 1000,
    prices: [
      {
        effectiveFrom: null,
        rates,
        tiers: [],
        perRequest: null,
        perHour: null,
        batchFactor: null,
        source: 'workspace',
      },
    ],
  });
  return {
    version: `bench-${durability}`,
    compiledAt: 0,
    workspace: { name: 'bench', commit: null },
    prompts: {},
    providers: { mock: { ...provider, kind: 'openai' }, other: { ...provider, kind: 'anthropic' } },
    models: { bench: model('mock'), 'bench-anthropic': model('other') },
    routing: [],
    guardrails,
    keys: [],
    limits: [],
    budgets: [],
    privacy: { payloads: 'full' },
    durability,
    capacity: null,
  };
}

/** The real gateway process, recording on, started from a kept snapshot; no console runs. */
export function startBinnacle(
  scratch: string,
  durability: 'durable' | 'process',
  port: number,
  /** As guardrails.yaml has them; nothing: the default set. */
  guardrails: unknown = {},
  name = `binnacle ${durability}`,
): Promise<Target> {
  return startServing(scratch, benchSnapshot(durability, guardrails), port, name);
}

/** The same with keys, limits, budgets and a cached prompt. */
export function startLimited(
  scratch: string,
  port: number,
  guardrails: unknown,
  name: string,
): Promise<Target> {
  return startServing(scratch, limited(benchSnapshot('process', guardrails)), port, name);
}

/** The same gateway asked for its cached prompt: the same question always, or another each time. */
export function askedForPrompt(target: Target, name: string, isNew: boolean): Target {
  const body: BodyKind = { shape: 'openai', model: 'bench', prompt: CACHED_PROMPT, isNew };
  return { ...target, name, body };
}

async function startServing(
  scratch: string,
  snapshot: Snapshot,
  port: number,
  name: string,
): Promise<Target> {
  const profile = process.env['BENCH_PROFILE'];
  const { args, env } = gatewayCommand({
    folder: join(scratch, name.replaceAll(' ', '-')),
    snapshot,
    port,
    consoleUrl: 'http://127.0.0.1:18099',
    engine: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
  });
  const child = pinned(GATEWAY_CORE, process.execPath, args, false, false, env);
  return started(child, name, port);
}

/** CPU seconds used so far, user and system. */
export function cpuSeconds(target: Target): number {
  let ticks = 0;
  for (const pid of target.pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}

/** Resident megabytes. */
export function memoryMegabytes(target: Target): number {
  let kilobytes = 0;
  for (const pid of target.pids)
    kilobytes += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  return kilobytes / 1024;
}
