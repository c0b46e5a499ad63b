// The ledger client that keeps chDB in a child process: calls wait while it starts, fail retryably when it dies under them, and it is
// started again by itself, also when it hangs.
import { type ChildProcess, fork } from 'node:child_process';
import { extname, join } from 'node:path';
import { pauseAfter } from '../../kernel/backoff.ts';
import { BinnacleError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { ChdbEngineOptions } from './chdb-engine.ts';
import { HangWatch } from './hang-watch.ts';
import { brokenPart } from './part-watch.ts';
import type { IngestReport, LedgerBatch, LedgerClient, LedgerFigures, LedgerParams } from './ledger.ts';
import type { LedgerCall, LedgerReply, LedgerRequest } from './ledger-message.ts';

const BACKOFF = { first: 400, longest: 5_000 };
const SET_ASIDE_EVERY_MS = 5_000;
/**
 * Of the JavaScript engine in the ledger process, which decodes batches and holds nothing. Measured over 250,000 interactions: peak of the
 * process 910 MiB with the default of 16, 760 MiB with 8, at a twentieth more processor time.
 */
const ENGINE_OPTIONS: readonly string[] = ['--max-semi-space-size=8'];

export interface LedgerChildOptions {
  readonly directory: string;
  readonly logger: Logger;
  /** Default 700 MiB for the engine: over millions of interactions joining parts needs more than 560, and inserts are refused below that. */
  readonly memoryBytes?: number;
  readonly retentionDays?: number | null;
  readonly payloadRetentionDays?: number | null;
  readonly feedbackRetentionDays?: number | null;
  /** Longest wait for the process to start, milliseconds. Default 15 s. */
  readonly startTimeout?: number;
  /** Silence after which the process is taken to hang and started again, milliseconds. Default 30 s; ten times that while it has work. */
  readonly hungAfter?: number;
  /** Hears which migrations a start applied. */
  readonly onMigrated?: (names: readonly string[]) => void;
}

interface Pending {
  /** Whether the process has something to do for it: not for a question how it is. */
  readonly isWork: boolean;
  readonly settled: Promise<void>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

function unavailable(why: string): BinnacleError {
  return new BinnacleError({
    code: 'ledger_unavailable',
    message: `The ledger can't answer: ${why}. It is started again by itself; try again in a second.`,
    httpStatus: 503,
    isRetryable: true,
    retryAfterSeconds: 1,
  });
}

/** Starts the ledger process; resolves when it answers. */
export async function openLedger(options: LedgerChildOptions): Promise<LedgerClient> {
  const client = new LedgerChild(options);
  try {
    await client.ready();
  } catch (error) {
    await client.close();
    throw error;
  }
  return client;
}

class LedgerChild implements LedgerClient {
  readonly #options: LedgerChildOptions;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | null = null;
  #ready: PromiseWithResolvers<void> = readiness();
  #watch: HangWatch | null = null;
  #number = 0;
  #starts = 0;
  #quickDeaths = 0;
  #isReady = false;
  #closing = false;
  #nextSetAside = 0;
  #exited: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(options: LedgerChildOptions) {
    this.#options = options;
    this.#start();
  }

  async ready(): Promise<void> {
    const limit = this.#options.startTimeout ?? 15_000;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(unavailable(`it did not start within ${limit} ms`)), limit);
    });
    try {
      await Promise.race([this.#ready.promise, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  ingest(batch: LedgerBatch): Promise<IngestReport> {
    return this.#call<IngestReport>({ kind: 'ingest', batch });
  }

  query<Row>(sql: string, params: LedgerParams = {}): Promise<Row[]> {
    return this.#call<Row[]>({ kind: 'query', sql, params });
  }

  bytes(sql: string, params: LedgerParams, format: string): Promise<Uint8Array> {
    return this.#call<Uint8Array>({ kind: 'bytes', sql, params, format });
  }

  command(sql: string, params: LedgerParams = {}): Promise<void> {
    return this.#call<void>({ kind: 'command', sql, params });
  }

  async figures(): Promise<LedgerFigures> {
    const residentBytes = await this.#call<number>({ kind: 'memory' });
    return { processId: this.#child?.pid ?? null, residentBytes, restarts: Math.max(0, this.#starts - 1) };
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#child === null) return;
    const child = this.#child;
    await Promise.allSettled([...this.#pending.values()].map((pending) => pending.settled));
    if (child.connected) child.send({ number: 0, call: { kind: 'close' } } satisfies LedgerRequest);
    const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await this.#exited.promise;
    clearTimeout(killer);
  }

  async #call<Value>(call: LedgerCall): Promise<Value> {
    if (this.#closing) throw unavailable('it is shutting down');
    await this.ready();
    const number = (this.#number += 1);
    return await new Promise<Value>((resolve, reject) => {
      const settled = Promise.withResolvers<void>();
      this.#pending.set(number, {
        isWork: call.kind !== 'memory',
        settled: settled.promise,
        resolve: (value) => {
          resolve(value as Value);
          settled.resolve();
        },
        reject: (error) => {
          reject(error);
          settled.resolve();
        },
      });
      const request: LedgerRequest = { number, call };
      this.#child?.send(request, (error) => {
        if (error === null) return;
        this.#pending.delete(number);
        reject(unavailable('its process is gone'));
      });
    });
  }

  #start(): void {
    const { directory, memoryBytes, retentionDays, payloadRetentionDays, feedbackRetentionDays } =
      this.#options;
    const engine: ChdbEngineOptions = {
      directory,
      memoryBytes: memoryBytes ?? 700 * 1024 * 1024,
      retentionDays: retentionDays ?? null,
      payloadRetentionDays: payloadRetentionDays ?? retentionDays ?? null,
      feedbackRetentionDays: feedbackRetentionDays ?? retentionDays ?? null,
    };
    const entry = join(import.meta.dirname, `ledger-process${extname(import.meta.filename)}`);
    const startedAt = Date.now();
    this.#starts += 1;
    this.#exited = Promise.withResolvers();
    const child = fork(entry, [JSON.stringify(engine)], {
      serialization: 'advanced',
      execArgv: [...ENGINE_OPTIONS],
    });
    this.#child = child;
    child.on('message', (message) => this.#receive(message as LedgerReply));
    child.on('error', () => undefined);
    child.on('exit', (code, signal) => this.#died(code, signal, Date.now() - startedAt));
  }

  /** From when it is ready: migrations of a start may take their time. */
  #watchOver(child: ChildProcess): HangWatch {
    const hungAfter = this.#options.hungAfter ?? 30_000;
    return new HangWatch({
      hungAfter,
      hungAtWorkAfter: 10 * hungAfter,
      ask: () => {
        const number = (this.#number += 1);
        if (child.connected)
          child.send({ number, call: { kind: 'memory' } } satisfies LedgerRequest, () => undefined);
        return number;
      },
      oldestWork: () => {
        for (const [number, { isWork }] of this.#pending) if (isWork) return number;
        return Infinity;
      },
      onHang: (silent) => {
        const facts = { silent_ms: silent, process: child.pid };
        this.#options.logger.log('error', 'The ledger process does not answer; it is ended.', facts);
        child.kill('SIGKILL');
      },
    });
  }

  #receive(message: LedgerReply): void {
    if (message.kind === 'ready') {
      this.#isReady = true;
      if (this.#child !== null) this.#watch = this.#watchOver(this.#child);
      this.#options.onMigrated?.(message.migrated);
      this.#ready.resolve();
      return;
    }
    if (message.kind === 'broken') {
      this.#setAside(message.part);
      return;
    }
    if (this.#watch?.answered(message.number) === true) return;
    const broken = message.kind === 'failure' ? brokenPart(message.message) : undefined;
    // Who asked for it hears that the process ended, like all who wait.
    if (broken !== undefined && this.#setAside(broken)) return;
    const pending = this.#pending.get(message.number);
    this.#pending.delete(message.number);
    if (message.kind === 'answer') pending?.resolve(message.value);
    else pending?.reject(ledgerError(message.message));
  }

  /**
   * Ends the process: its next start takes the parts that a broken one was joined from, as long as they are there. Not again and again where
   * that does not help; returns whether it was ended.
   */
  #setAside(part: string): boolean {
    if (performance.now() < this.#nextSetAside) return false;
    this.#nextSetAside = performance.now() + SET_ASIDE_EVERY_MS;
    const { logger } = this.#options;
    logger.log('error', 'A part of the ledger is broken; the process is started again without it.', { part });
    this.#child?.kill('SIGKILL');
    return true;
  }

  #died(code: number | null, signal: string | null, lived: number): void {
    this.#child = null;
    this.#watch?.stop();
    this.#watch = null;
    // Those who wait for a start go on waiting for the next one.
    if (this.#isReady) this.#ready = readiness();
    this.#isReady = false;
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of lost) pending.reject(unavailable('its process ended'));
    this.#exited.resolve();
    if (this.#closing) return;
    this.#quickDeaths = lived < 2000 ? this.#quickDeaths + 1 : 0;
    const { logger } = this.#options;
    logger.log('error', 'The ledger process ended; it is started again.', {
      code,
      signal,
      lost_calls: lost.length,
    });
    const delay = this.#quickDeaths < 3 ? 0 : pauseAfter(this.#quickDeaths - 2, BACKOFF);
    setTimeout(() => {
      if (!this.#closing) this.#start();
    }, delay);
  }
}

/** A promise that nobody may be waiting for. */
function readiness(): PromiseWithResolvers<void> {
  return Promise.withResolvers<void>();
}

function ledgerError(message: string): BinnacleError {
  return new BinnacleError({ code: 'ledger_error', message: `The ledger refused: ${message}` });
}
