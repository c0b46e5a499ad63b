// A file system of its own, small and in memory, that a test can fill to the last byte: mounted in a mount namespace that ends with the
// process it was made for, so that nothing is left behind and no other process sees it.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Set for a process that has a mount namespace of its own. */
const INSIDE = 'FAULT_OWN_MOUNTS';

function unshareOptions(): string[] {
  return process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
}

/** Why no file system can be mounted here; null when one can. */
export function noMountsBecause(): string | null {
  if (process.platform !== 'linux') return 'file systems are mounted on Linux alone';
  try {
    const command = 'mount -t tmpfs -o size=1m tmpfs /tmp';
    execFileSync('unshare', [...unshareOptions(), 'sh', '-c', command], { stdio: 'pipe' });
    return null;
  } catch {
    return 'this user can mount nothing, also not in a namespace of its own (unshare)';
  }
}

export function hasOwnMounts(): boolean {
  return process.env[INSIDE] === '1';
}

/** Runs this program again, with mounts of its own, to its end; returns its exit code. */
export function runWithOwnMounts(arguments_: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const command = [...unshareOptions(), process.execPath, ...arguments_];
    const child = spawn('unshare', command, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

export class SmallDisk {
  readonly path: string;
  #ballast: number | null = null;

  /** Mounts it at a folder. Only with mounts of its own. */
  constructor(path: string, mebibytes: number) {
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path]);
    this.path = path;
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Takes every byte that is free, as another program that runs wild does: again and again, what is given back meanwhile too. */
  fill(): void {
    this.#ballast ??= openSync(join(this.path, 'ballast'), 'a');
    const piece = Buffer.alloc(1024 * 1024);
    for (let size = piece.length; size >= 512; size /= 2)
      try {
        for (;;) writeSync(this.#ballast, piece, 0, size);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
  }

  free(): void {
    if (this.#ballast === null) return;
    ftruncateSync(this.#ballast, 0);
    closeSync(this.#ballast);
    this.#ballast = null;
    rmSync(join(this.path, 'ballast'));
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.path]);
  }
}
