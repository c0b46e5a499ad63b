// A whole installation as a user starts it: `bin/binnacle up` as a process of its own on free ports over a scratch workspace.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const program = fileURLToPath(new URL('../../bin/binnacle', import.meta.url));

const runningSchema = z.object({
  gateway: z.string(),
  console: z.string(),
  workspace: z.string(),
  data: z.string(),
  curl: z.string(),
  notes: z.array(z.string()),
});
export type Running = z.output<typeof runningSchema>;

export interface Started {
  readonly running: Running;
  readonly child: ChildProcess;
  /** Milliseconds from the start to the announcement. */
  readonly milliseconds: number;
}

/** Starts `up --json` with these arguments in a folder; resolves when both processes answer. */
export async function startUp(
  folder: string,
  options: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Started> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program, 'up', '--json', ...options], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.includes('\n')) resolve(text);
    });
    child.once('exit', (code) => reject(new Error(`up ended with ${code} before it was ready: ${errors}`)));
  });
  return {
    running: runningSchema.parse(JSON.parse(line)),
    child,
    milliseconds: performance.now() - startedAt,
  };
}

/** Ends it as Ctrl-C does and returns the exit code. */
export async function stopUp({ child }: Started): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
  return child.exitCode;
}

export interface ScratchFolder extends Disposable {
  readonly path: string;
}

export function scratchFolder(): ScratchFolder {
  const path = mkdtempSync(join(tmpdir(), 'binnacle-up-'));
  return {
    path,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

/** Runs a command of the program to its end. */
export async function runCommand(
  folder: string,
  arguments_: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, [program, ...arguments_], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}
