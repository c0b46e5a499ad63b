// The process above all others: owns the data folder, starts gateway and console, starts a dead one again, and takes them down with it.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INTERNAL_TOKEN_FILE } from '../contract/internal.ts';
import {
  ADMIN_TOKEN_FILE,
  CONSOLE_ADDRESS_FILE,
  type ConsoleProcess,
  type GatewayProcess,
} from '../contract/processes.ts';
import type { Clock } from '../kernel/clock.ts';
import { conciseLine, openLogFile } from './log-file.ts';
import { GATEWAY_ALLOCATOR, GATEWAY_ENGINE_OPTIONS } from './gateway-engine.ts';
import { SupervisedProcess } from './supervised-process.ts';

export interface SupervisorOptions {
  readonly workspaceFolder: string;
  readonly dataFolder: string;
  readonly gateway: { readonly host: string; readonly port: number };
  readonly console: { readonly host: string; readonly port: number };
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly err: (text: string) => void;
  /** Called once, when both answer for the first time. */
  readonly onUp: (up: Up) => void;
}

export interface Up {
  readonly gatewayUrl: string;
  readonly consoleUrl: string;
  readonly notes: readonly string[];
}

/** How it ended: told to, or because a process can't run as configured. */
export type Ending = { readonly kind: 'stopped' } | { readonly kind: 'refused'; readonly message: string };

export interface Supervisor {
  /** Resolves when every process has ended. */
  readonly ended: Promise<Ending>;
  /** Ends the gateway, then the console. A second call ends them at once. */
  stop(): void;
}

const GATEWAY_GRACE_MS = 12_000;
const CONSOLE_GRACE_MS = 12_000;

/** Path of a process module beside this one, as source or as built. */
function moduleBeside(name: string): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url));
}

/** Creates the token on first use; only its owner can read it. */
export function ensureToken(path: string): string {
  if (existsSync(path)) {
    const token = readFileSync(path, 'utf8').trim();
    if (token !== '') return token;
  }
  const token = randomBytes(32).toString('base64url');
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}

/** An IPv6 address stands in brackets; an address that means "all" is reached as this machine's own. */
function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const reached =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${reached}:${port}`;
}

/** What the supervisor knows about its children while they run. */
class Pair {
  readonly #options: SupervisorOptions;
  readonly #log: ReturnType<typeof openLogFile>;
  readonly #ready = new Map<string, { url: string; notes: readonly string[] }>();
  #announced = false;
  #refusal: string | null = null;
  #stopping: Promise<void> | null = null;
  #resolve: (ending: Ending) => void = () => undefined;
  readonly ended: Promise<Ending>;
  readonly #gateway: SupervisedProcess;
  readonly #console: SupervisedProcess;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#log = openLogFile(join(options.dataFolder, 'logs', 'binnacle.log'));
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const { dataFolder, workspaceFolder, gateway, console } = options;
    const shared = { data_folder: dataFolder, workspace_folder: workspaceFolder };
    const consoleUrl = urlOf(console);
    const forGateway: GatewayProcess = { ...shared, ...gateway, console_url: consoleUrl };
    const forConsole: ConsoleProcess = { ...shared, ...console, gateway_url: urlOf(gateway) };
    this.#gateway = this.#child('gateway', forGateway);
    this.#console = this.#child('console', forConsole);
    writeFileSync(
      join(dataFolder, CONSOLE_ADDRESS_FILE),
      `${JSON.stringify({ url: consoleUrl, gateway: urlOf(gateway) })}\n`,
      {
        mode: 0o600,
      },
    );
  }

  start(): void {
    this.#gateway.start();
    this.#console.start();
  }

  stop(): void {
    if (this.#stopping !== null) {
      void this.#gateway.stop(0);
      void this.#console.stop(0);
      return;
    }
    this.#stopping = this.#stopInOrder();
  }

  async #stopInOrder(): Promise<void> {
    await this.#gateway.stop(GATEWAY_GRACE_MS);
    await this.#console.stop(CONSOLE_GRACE_MS);
    rmSync(join(this.#options.dataFolder, CONSOLE_ADDRESS_FILE), { force: true });
    this.#note('info', 'stopped');
    this.#resolve(this.#refusal === null ? { kind: 'stopped' } : { kind: 'refused', message: this.#refusal });
  }

  #child(name: string, settings: unknown): SupervisedProcess {
    return new SupervisedProcess({
      name,
      module: moduleBeside(name),
      settings,
      engineOptions: name === 'gateway' ? GATEWAY_ENGINE_OPTIONS : [],
      // Compiled code is kept between starts: a process that died answers sooner again.
      environment: {
        NODE_COMPILE_CACHE: join(this.#options.dataFolder, 'compile-cache'),
        ...(name === 'gateway' ? GATEWAY_ALLOCATOR : {}),
        ...this.#options.environment,
      },
      clock: this.#options.clock,
      onLine: (line) => {
        this.#log.write(line);
        const short = conciseLine(line, name);
        if (short !== undefined) this.#options.err(`${short}\n`);
      },
      onReady: (url, notes) => {
        this.#note('info', `${name} ready`, { url });
        this.#ready.set(name, { url, notes });
        this.#announce();
      },
      // What once ran as configured is tried again: the reason (a full disk, say) may pass.
      onRefused: (message) => {
        if (this.#ready.has(name)) return false;
        this.#refusal ??= message;
        this.stop();
        return true;
      },
      onDied: (how, pause) =>
        this.#note('warn', `${name} died and is started again`, { how, pause_ms: pause }),
    });
  }

  #announce(): void {
    const gateway = this.#ready.get('gateway');
    const console = this.#ready.get('console');
    if (this.#announced || gateway === undefined || console === undefined) return;
    this.#announced = true;
    this.#options.onUp({
      gatewayUrl: gateway.url,
      consoleUrl: console.url,
      notes: [...gateway.notes, ...console.notes],
    });
  }

  #note(level: string, message: string, fields: Record<string, unknown> = {}): void {
    const line = JSON.stringify({
      time: new Date(this.#options.clock.now()).toISOString(),
      level,
      process: 'supervisor',
      message,
      ...fields,
    });
    this.#log.write(line);
    const short = conciseLine(line, 'supervisor');
    if (short !== undefined) this.#options.err(`${short}\n`);
  }
}

/** Starts both processes. The caller holds the data folder's lock and has checked ports and disk. */
export function supervise(options: SupervisorOptions): Supervisor {
  ensureToken(join(options.dataFolder, INTERNAL_TOKEN_FILE));
  ensureToken(join(options.dataFolder, ADMIN_TOKEN_FILE));
  const pair = new Pair(options);
  pair.start();
  return { ended: pair.ended, stop: () => pair.stop() };
}
