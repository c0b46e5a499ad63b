// The installation of the whole-system run: started by `binnacle up` as users do, killed process by process, started again where the supervisor
// was killed; counts every death that it tells of.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startUp, stopUp, type Started } from '../end-to-end/installation.ts';
import type { Keys } from './mixed-load.ts';
import { ANSWERING, KILLED, untilReady, victimOf, type Killed } from './processes.ts';

/** What the supervisor's terminal says of each death. */
const DEATHS: Readonly<Record<Exclude<Killed, 'supervisor'>, RegExp>> = {
  gateway: /gateway died and is started again/g,
  console: /console died and is started again/g,
  ledger: /The ledger process ended/g,
};

export type Counts = Record<Killed, number>;

const none = (): Counts => ({ gateway: 0, console: 0, ledger: 0, supervisor: 0 });

const ANSWERED_WITHIN_MS = 20_000;

/** `fetch` that names who did not answer, long before its own patience of five minutes ends. */
export async function askOnce(url: string, options: RequestInit = {}): Promise<Response> {
  const signal = AbortSignal.timeout(ANSWERED_WITHIN_MS);
  try {
    return await fetch(url, { ...options, signal });
  } catch (cause) {
    throw new Error(`${url} did not answer: ${String(cause)}`, { cause });
  }
}

export class WholeInstallation {
  readonly #folder: string;
  readonly #arguments: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;
  #started: Started | null = null;
  #terminal = '';
  /** Supervisors that ended by themselves. */
  #ended = 0;
  /** Of the present supervisor: whether its end was asked for. */
  #end = { isWanted: false };
  readonly kills = none();

  constructor(
    folder: string,
    ports: readonly [number, number],
    environment: Readonly<Record<string, string>>,
  ) {
    this.#folder = folder;
    this.#arguments = ['--port', String(ports[0]), '--console-port', String(ports[1])];
    this.#environment = { ...process.env, ...environment };
  }

  get #now(): Started {
    if (this.#started === null) throw new Error('it is not started');
    return this.#started;
  }

  get gateway(): string {
    return this.#now.running.gateway;
  }

  get console(): string {
    return this.#now.running.console;
  }

  get token(): string {
    return readFileSync(join(this.#now.running.data, 'admin-token'), 'utf8').trim();
  }

  /** All that its processes wrote to the terminal. */
  get terminal(): string {
    return this.#terminal;
  }

  async start(): Promise<void> {
    const end = { isWanted: false };
    this.#end = end;
    const started = await startUp(this.#folder, this.#arguments, this.#environment);
    started.child.stderr?.on('data', (text: string) => (this.#terminal += text));
    started.child.once('exit', () => {
      if (!end.isWanted) this.#ended += 1;
    });
    this.#started = started;
  }

  async stop(): Promise<void> {
    this.#end.isWanted = true;
    if (this.#started !== null) await stopUp(this.#started);
  }

  /** SIGKILL; resolves with the milliseconds until what it did is done again. */
  async kill(which: Killed): Promise<number> {
    const victim = await this.#find(which);
    const since = performance.now();
    if (which === 'supervisor') this.#end.isWanted = true;
    process.kill(victim, 'SIGKILL');
    this.kills[which] += 1;
    if (which === 'supervisor') await this.start();
    return untilReady(ANSWERING[which](this.gateway, this.console), since, this.token);
  }

  async #find(which: Killed): Promise<number> {
    for (let tries = 0; tries < 50; tries += 1) {
      const victim = victimOf(this.#now, which);
      if (victim !== undefined) return victim;
      await pause(100);
    }
    throw new Error(`there is no ${which} to kill`);
  }

  /** Deaths that nobody asked for. */
  crashes(): Counts {
    const counts = none();
    for (const which of KILLED)
      counts[which] =
        which === 'supervisor'
          ? this.#ended
          : [...this.#terminal.matchAll(DEATHS[which])].length - this.kills[which];
    return counts;
  }

  /** Asks the console's API as its administrator. */
  async api(path: string, body?: unknown): Promise<unknown> {
    const answer = await askOnce(`${this.console}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async makeKeys(): Promise<Keys> {
    const make = async (name: string): Promise<string> =>
      ((await this.api('/api/keys', { name })) as { key: string }).key;
    return { main: await make('main'), tight: await make('tight'), purse: await make('purse') };
  }

  /** Bytes that are recorded and not yet in the ledger. */
  async lag(): Promise<number> {
    const health = (await (await askOnce(`${this.gateway}/healthz`)).json()) as {
      spool: { unacknowledgedBytes: number };
    };
    return health.spool.unacknowledgedBytes;
  }
}
