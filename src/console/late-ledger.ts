// A ledger that may not be there yet: the console answers, serves snapshots and takes commands while the store starts, and calls to the
// ledger fail retryably until it does.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../kernel/clock.ts';
import { BinnacleError, messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type {
  IngestReport,
  LedgerBatch,
  LedgerClient,
  LedgerFigures,
  LedgerParams,
} from '../storage/ledger/ledger.ts';
import type { LedgerHealth } from './routes/health.ts';

export interface LateLedgerOptions {
  readonly open: () => Promise<LedgerClient>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two tries to open it. */
  readonly retryMilliseconds?: number;
}

/** A call waits this long for a ledger that is starting. */
const PATIENCE_MS = 5_000;
/** Of a question that takes no time, on a machine that is busy. */
const PROBE_PATIENCE_MS = 8_000;

export class LateLedger implements LedgerClient {
  readonly #options: LateLedgerOptions;
  #client: LedgerClient | null = null;
  #opened = Promise.withResolvers<LedgerClient>();
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #state: LedgerHealth = { state: 'starting', restarts: 0 };

  constructor(options: LateLedgerOptions) {
    this.#options = options;
    void this.#open();
  }

  async #open(): Promise<void> {
    try {
      const client = await this.#options.open();
      if (this.#closed) return await client.close();
      this.#client = client;
      this.#state = { state: 'ready', restarts: 0 };
      this.#opened.resolve(client);
    } catch (error) {
      this.#state = { state: 'down', restarts: this.#state.restarts };
      this.#options.logger.log('error', 'the ledger does not open; it is tried again', {
        error: messageOf(error),
      });
      if (this.#closed) return;
      this.#timer = setTimeout(() => void this.#open(), this.#options.retryMilliseconds ?? 1000);
    }
  }

  async #ready(): Promise<LedgerClient> {
    if (this.#client !== null) return this.#client;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new BinnacleError({
              code: 'ledger_unavailable',
              message: 'The ledger is still starting. Try again in a second.',
              httpStatus: 503,
              isRetryable: true,
              retryAfterSeconds: 1,
            }),
          ),
        PATIENCE_MS,
      );
    });
    try {
      return await Promise.race([this.#opened.promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  health(): LedgerHealth {
    return this.#state;
  }

  /** Asks the ledger how it is; a scheduled job calls it. One that does not answer in time is down as well. */
  async probe(): Promise<void> {
    if (this.#client === null) return;
    const silent = new AbortController();
    try {
      const late = sleep(PROBE_PATIENCE_MS, null, { signal: silent.signal });
      const figures = await Promise.race([this.#client.figures(), late]);
      this.#state =
        figures === null
          ? { state: 'down', restarts: this.#state.restarts }
          : { state: 'ready', restarts: figures.restarts };
    } catch {
      this.#state = { state: 'down', restarts: this.#state.restarts };
    } finally {
      silent.abort();
    }
  }

  async ingest(batch: LedgerBatch): Promise<IngestReport> {
    return (await this.#ready()).ingest(batch);
  }

  async query<Row>(sql: string, params?: LedgerParams): Promise<Row[]> {
    return (await this.#ready()).query<Row>(sql, params);
  }

  async bytes(
    sql: string,
    params: LedgerParams,
    format: 'Parquet' | 'JSONEachRow' | 'CSVWithNames',
  ): Promise<Uint8Array> {
    return (await this.#ready()).bytes(sql, params, format);
  }

  async command(sql: string, params?: LedgerParams): Promise<void> {
    return (await this.#ready()).command(sql, params);
  }

  async figures(): Promise<LedgerFigures> {
    return (await this.#ready()).figures();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#client?.close();
  }
}
