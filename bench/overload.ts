// What the gateway does with more than it can take: three times its configured capacity, and saturation of its processor without one.
// The generator and a simulated vendor run on core 0, the gateway alone on core 1; only 127.0.0.1 is loaded.
//
//   node bench/overload.ts [--seconds 6] [--capacity 1000] [--offered 3000]
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { INTERNAL_TOKEN_FILE } from '../src/contract/internal.ts';
import type { OverloadOrder, OverloadResult } from './overload/generator.ts';
import { benchSnapshot, startUpstream } from './gateway/targets.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    capacity: { type: 'string', default: '1000' },
    offered: { type: 'string', default: '3000' },
  },
});
const PORT = 18_096;

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function onCore(core: string, args: readonly string[], ipc: boolean): ChildProcess {
  return spawn('taskset', ['-c', core, process.execPath, '--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['ignore', 'ignore', 'inherit', ...(ipc ? (['ipc'] as const) : [])],
  });
}

async function startGateway(folder: string, capacity: number | null): Promise<ChildProcess> {
  mkdirSync(folder, { recursive: true });
  const body = JSON.stringify({ ...benchSnapshot('process'), capacity });
  writeFileSync(join(folder, 'snapshot.json'), `${createHash('sha256').update(body).digest('hex')}\n${body}`);
  writeFileSync(join(folder, INTERNAL_TOKEN_FILE), 'bench');
  const settings = {
    data_folder: folder,
    workspace_folder: folder,
    host: '127.0.0.1',
    port: PORT,
    console_url: 'http://127.0.0.1:18099',
  };
  const child = onCore('1', [here('../src/app/gateway.ts'), JSON.stringify(settings)], false);
  for (let tries = 0; tries < 400; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${PORT}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.status === 200) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the gateway does not answer');
}

function load(order: Omit<OverloadOrder, 'port'>): Promise<OverloadResult> {
  const child = onCore('0', [here('overload/generator.ts'), JSON.stringify({ ...order, port: PORT })], true);
  return new Promise((resolve, reject) => {
    child.on('message', (message) => resolve(message as OverloadResult));
    child.on('exit', (code) => code !== 0 && reject(new Error(`the generator ended with ${code}`)));
  });
}

const seconds = Number(values.seconds);
const capacity = Number(values.capacity);
const scratch = mkdtempSync(join(tmpdir(), 'binnacle-overload-'));
const upstream = await startUpstream();
const rows: (OverloadResult & { readonly what: string })[] = [];
try {
  let gateway = await startGateway(join(scratch, 'capacity'), capacity);
  await load({ rate: capacity * 0.5, connections: 64, seconds: 3 });
  rows.push({
    what: `normal: ${capacity * 0.8}/s of a capacity of ${capacity}/s`,
    ...(await load({ rate: capacity * 0.8, connections: 128, seconds })),
  });
  rows.push({
    what: `${values.offered}/s offered to a capacity of ${capacity}/s`,
    ...(await load({ rate: Number(values.offered), connections: 256, seconds })),
  });
  gateway.kill('SIGTERM');
  await new Promise((resolve) => gateway.once('exit', resolve));
  gateway = await startGateway(join(scratch, 'saturation'), null);
  await load({ rate: 500, connections: 64, seconds: 3 });
  rows.push({
    what: 'saturation: 1,500 connections ask as fast as they are answered, no capacity configured',
    ...(await load({ rate: 0, connections: 1500, seconds })),
  });
  rows.push({ what: 'after it, 300/s', ...(await load({ rate: 300, connections: 64, seconds: 3 })) });
  gateway.kill('SIGTERM');
} finally {
  upstream.kill();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  rmSync(scratch, { recursive: true, force: true });
}
for (const row of rows) console.log(JSON.stringify(row));
