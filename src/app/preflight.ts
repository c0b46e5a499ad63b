// What must hold before anything is started. Each finding is one line that says what to do. `up` refuses on a fault; `doctor` shows them all.
import { execFile } from 'node:child_process';
import { mkdir, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { messageOf, UsageError } from '../kernel/errors.ts';

const MEBIBYTE = 1024 * 1024;
/** Below this a start is refused: the spool alone preallocates and the ledger merges in new files. */
export const LEAST_FREE_BYTES = 256 * MEBIBYTE;
const NEEDED_NODE_MAJOR = 24;

/** Throws a UsageError when this Node is too old. */
export function requireNode(version: string): void {
  const major = Number(/^v?(\d+)/.exec(version)?.[1] ?? 0);
  if (major < NEEDED_NODE_MAJOR)
    throw new UsageError(
      `Node ${NEEDED_NODE_MAJOR} or newer is needed, this is ${version}. Run "npm install" in the clone (it brings one) and start bin/binnacle.`,
    );
}

/** Free bytes for this user on the file system that holds `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Makes the data folder and throws a UsageError when it can't be written or its disk is nearly full. */
export async function requireDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UsageError(
      `The data folder ${folder} can not be made: ${messageOf(error)}. Set data_dir in binnacle.yaml to a folder you can write.`,
    );
  }
  const free = await freeBytes(folder);
  if (free < LEAST_FREE_BYTES)
    throw new UsageError(
      `Only ${Math.floor(free / MEBIBYTE)} MiB are free where ${folder} lies; at least ${LEAST_FREE_BYTES / MEBIBYTE} MiB are needed. Free some space, or set data_dir in binnacle.yaml to a folder on another disk.`,
    );
}

async function tryPort(host: string, port: number): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}

const PORT_PATIENCE_MS = 1_500;
const PORT_RETRY_MS = 50;

/**
 * The port if it is free (a free one for 0). Waits a moment for the children of a supervisor that was just killed.
 * Throws a UsageError naming the option that chooses another.
 */
export async function requirePort(host: string, port: number, option: string): Promise<number> {
  for (let waited = 0; ; waited += PORT_RETRY_MS) {
    try {
      return await tryPort(host, port);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EADDRINUSE' && waited < PORT_PATIENCE_MS) {
        await sleep(PORT_RETRY_MS);
        continue;
      }
      if (code === 'EADDRINUSE')
        throw new UsageError(
          `Port ${port} on ${host} is taken by another program. Stop it, or choose another port with ${option}.`,
        );
      throw new UsageError(
        `Port ${port} on ${host} can not be used: ${messageOf(error)}. Choose another with ${option}.`,
      );
    }
  }
}

/** The version of Git, or null where it is not installed. */
export async function gitVersion(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { timeout: 5_000 });
    return stdout.trim().replace(/^git version /, '');
  } catch {
    return null;
  }
}
