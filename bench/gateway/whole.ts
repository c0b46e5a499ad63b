// The gateway as part of a running installation: `binnacle up` over a scratch workspace, the gateway alone on its core and console, ledger and
// supervisor on the core of the load, so that what is recorded is taken into the ledger while requests come.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startUp, stopUp } from '../../test/end-to-end/installation.ts';
import { KILLED, victimOf } from '../../test/fault/processes.ts';
import { GATEWAY_CORE, LOAD_CORE, SHOWN, UPSTREAM_PORT, type Target } from './targets.ts';

const MODELS = `providers:
  mock: { kind: openai, base_url: "http://127.0.0.1:${UPSTREAM_PORT}/v1", allow_private: true }
models:
  bench: { provider: mock, upstream_model: bench, prices: [{ input: "0.15", output: "0.6" }] }
`;

/** Starts it, every process of it on its core; no guardrails, as the other targets that are held against the bare proxy. */
export async function startWhole(
  scratch: string,
  durability: 'durable' | 'process',
  ports: readonly [gateway: number, console: number],
): Promise<Target> {
  const name = `binnacle ${durability} with console`;
  const folder = join(scratch, name.replaceAll(' ', '-'));
  const data = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  const workspace = `name: bench\ngateway: { durability: ${durability} }\ndata_dir: ${JSON.stringify(data)}\n`;
  writeFileSync(join(folder, 'binnacle.yaml'), workspace);
  writeFileSync(join(folder, 'models.yaml'), MODELS);
  writeFileSync(join(folder, 'guardrails.yaml'), 'sets:\n  default: { input: [], output: [] }\n');
  const [port, consolePort] = ports;
  const started = await startUp(folder, ['--port', String(port), '--console-port', String(consolePort)]);
  const pids = new Map(KILLED.map((which) => [which, victimOf(started, which)]));
  for (const [which, pid] of pids) {
    if (pid === undefined) throw new Error(`no process of the installation is its ${which}`);
    const core = which === 'gateway' ? GATEWAY_CORE : LOAD_CORE;
    execFileSync('taskset', ['-a', '-cp', core, String(pid)], { stdio: 'ignore' });
  }
  return {
    name,
    port,
    path: '/v1/chat/completions',
    headers: SHOWN,
    pids: [pids.get('gateway') ?? 0],
    stop: () => void stopUp(started),
  };
}
