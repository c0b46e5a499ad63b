// One child of the supervisor: started, watched, started again with a growing pause when it dies, ended when told. Its standard error is
// read line by line. The IPC channel is also its lifeline: when the supervisor dies, however it dies, the channel closes and the child ends.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { processMessageSchema } from '../contract/processes.ts';
import { pauseAfter } from '../kernel/backoff.ts';
import type { Clock } from '../kernel/clock.ts';

export interface SupervisedProcessOptions {
  readonly name: string;
  /** Path of the module to run. */
  readonly module: string;
  readonly settings: unknown;
  /** Options of the JavaScript engine. */
  readonly engineOptions: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly onLine: (line: string) => void;
  readonly onReady: (url: string, notes: readonly string[]) => void;
  /** It says that it can't run as configured. True: it is not started again. */
  readonly onRefused: (message: string) => boolean;
  readonly onDied: (how: string, pauseMilliseconds: number) => void;
}

const BACKOFF = { first: 20, longest: 5_000 };
/** A child that answered for this long was healthy: its next death is a first one. */
const HEALTHY_AFTER_MS = 1_000;

export class SupervisedProcess {
  readonly #options: SupervisedProcessOptions;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #deaths = 0;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: SupervisedProcessOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    const { module, settings, environment, onLine, engineOptions } = this.#options;
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', ...engineOptions, module, JSON.stringify(settings)],
      { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: environment },
    );
    this.#child = child;
    let readyAt: number | null = null;
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', onLine);
    child.on('message', (received) => {
      const message = processMessageSchema.safeParse(received);
      if (!message.success) return;
      if (message.data.type === 'refused') {
        if (this.#options.onRefused(message.data.message)) this.#stopping = true;
        return;
      }
      readyAt = this.#options.clock.monotonic();
      this.#options.onReady(message.data.url, message.data.notes);
    });
    this.#ended = new Promise((resolve) => {
      let over = false;
      const onEnd = (how: string): void => {
        if (over) return;
        over = true;
        this.#child = null;
        if (!this.#stopping) this.#startAgain(how, readyAt);
        resolve();
      };
      child.once('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`));
      child.once('error', (error) => onEnd(error.message));
    });
  }

  #startAgain(how: string, readyAt: number | null): void {
    const healthy = readyAt !== null && this.#options.clock.monotonic() - readyAt >= HEALTHY_AFTER_MS;
    this.#deaths = healthy ? 1 : this.#deaths + 1;
    const pause = pauseAfter(this.#deaths, BACKOFF);
    this.#options.onDied(how, pause);
    this.#restart = setTimeout(() => this.start(), pause);
  }

  /** Ends the child orderly, by force after `graceMilliseconds`. Resolves when it is gone. */
  async stop(graceMilliseconds: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === null) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds);
    await this.#ended;
    clearTimeout(force);
  }
}
