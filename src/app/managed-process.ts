// The child's side of supervision, the same for every process: it ends at once when its supervisor is gone (also killed), ends orderly
// on SIGTERM, and leaves Ctrl-C to the supervisor, which tells each child when its turn has come.
import { flushCompileCache } from 'node:module';
import type { ProcessMessage } from '../contract/processes.ts';
import { jsonLogger, type Logger } from '../kernel/logger.ts';

/** By then what is loaded lazily by the first requests is compiled as well. */
const COMPILED_AFTER_MS = 1_000;

export interface ManagedProcess {
  readonly logger: Logger;
  /** The settings object handed over as the first argument. */
  readonly settings: unknown;
  readonly environment: Readonly<Record<string, string | undefined>>;
  tell(message: ProcessMessage): void;
}

/**
 * Attaches this process to its supervisor. `stop` is awaited on SIGTERM, for at most ten seconds. Without an IPC channel (started by
 * hand) the process runs alone and Ctrl-C stops it orderly.
 */
export function attachToSupervisor(name: string, stop: () => Promise<void>): ManagedProcess {
  const logger = jsonLogger(name, (line) => void process.stderr.write(line));
  const supervised = process.connected;
  let stopping = false;
  const end = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), 10_000).unref();
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', () => {
    if (!supervised) end();
  });
  process.on('disconnect', () => process.exit(0));
  // A closed pipe means that the supervisor died: nothing is left to write to.
  process.stderr.on('error', () => process.exit(0));
  process.on('uncaughtException', (error) => {
    logger.log('error', 'uncaught exception', { stack: error.stack ?? error.message });
    process.exit(1);
  });
  return {
    logger,
    settings: JSON.parse(process.argv[2] ?? '{}') as unknown,
    environment: process.env,
    tell: (message) => {
      if (process.connected) process.send?.(message);
      // Node keeps compiled code only when it ends orderly; a process that is killed must find it, too.
      if (message.type === 'ready') setTimeout(flushCompileCache, COMPILED_AFTER_MS).unref();
    },
  };
}
