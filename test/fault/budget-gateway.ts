// A gateway process with budgets for the kill test: the real one, started from a kept snapshot, with no console or one that takes its spool.
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INTERNAL_TOKEN_FILE } from '../../src/contract/internal.ts';
import type { Snapshot } from '../../src/contract/snapshot.ts';

const program = fileURLToPath(new URL('../../src/app/gateway.ts', import.meta.url));

export interface GatewayProcessHandle {
  readonly url: string;
  readonly child: ChildProcess;
  /** kill -9, and its end. */
  kill(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Writes what the process starts from. */
export function keepSnapshot(folder: string, snapshot: Snapshot): void {
  mkdirSync(folder, { recursive: true });
  const body = JSON.stringify(snapshot);
  writeFileSync(join(folder, 'snapshot.json'), `${createHash('sha256').update(body).digest('hex')}\n${body}`);
  writeFileSync(join(folder, INTERNAL_TOKEN_FILE), 'fault-test');
}

/** Starts the process and waits until it is ready. */
export async function startGatewayProcess(folder: string, consoleUrl: string): Promise<GatewayProcessHandle> {
  const port = await freePort();
  const settings = {
    data_folder: folder,
    workspace_folder: folder,
    host: '127.0.0.1',
    port,
    console_url: consoleUrl,
  };
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, JSON.stringify(settings)],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.status === 200) break;
    if (tries > 400 || child.exitCode !== null) throw new Error('the gateway process does not answer');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return {
    url,
    child,
    kill: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}
