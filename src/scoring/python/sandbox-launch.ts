// Starts a sandbox process locked down. The barriers, outermost first:
//   network    a network namespace of its own, with no interface up (`unshare`, Linux); elsewhere only that the process has no socket
//              functions left (sandbox-process.ts)
//   files      Node's permission model: only Pyodide's folder and the process's own script can be read, nothing written
//   processes  no children, workers, native add-ons or inspector (the permission model again)
//   code       no JavaScript from strings (--disallow-code-generation-from-strings)
//   memory     WebAssembly 512 MiB, JavaScript heap 384 MiB, all data 2 GiB (`ulimit -d`)
//   secrets    an empty environment, no inherited descriptors beside the three pipes
//   time       the caller kills the process at its deadline
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const DATA_KIB = 2_097_152;
const HEAP_MIB = 384;

let namespace: readonly string[] | undefined;

/** `unshare` with the options that work here; empty where there is none. Asked once. */
function networkNamespace(): readonly string[] {
  namespace ??=
    [['-n'], ['-rn']].find(
      (options) =>
        spawnSync('unshare', [...options, 'true'], { stdio: 'ignore', timeout: 5_000 }).status === 0,
    ) ?? [];
  return namespace.length === 0 ? [] : ['unshare', ...namespace, '--'];
}

/** Whether programs have no network by a barrier of the system, beside the missing functions. */
export function hasNetworkBarrier(): boolean {
  return networkNamespace().length > 0;
}

/** Starts the process; with `snapshot` it writes a memory image of a fresh interpreter to its output and ends. */
export function launchSandbox(mode: 'snapshot' | 'serve'): ChildProcessWithoutNullStreams {
  const script = fileURLToPath(new URL(`./sandbox-process${extname(import.meta.url)}`, import.meta.url));
  const pyodide = dirname(createRequire(import.meta.url).resolve('pyodide/package.json'));
  const command = [
    ...networkNamespace(),
    process.execPath,
    '--permission',
    `--allow-fs-read=${pyodide}/`,
    `--allow-fs-read=${script}`,
    '--disallow-code-generation-from-strings',
    `--max-old-space-size=${HEAP_MIB}`,
    '--no-warnings',
    script,
    pyodide,
    mode,
  ];
  const limits = `ulimit -c 0; ulimit -d ${DATA_KIB} 2>/dev/null; exec "$@"`;
  return spawn('/bin/sh', ['-c', limits, 'sandbox', ...command], { env: {}, cwd: '/', stdio: 'pipe' });
}
