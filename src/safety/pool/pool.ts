// Guardrails off the event loop: a few threads, a bounded queue, a deadline on each scan. A thread that misses a deadline or dies is
// ended and another takes its place; the scans it had fail, and the engine reports them as not scanned.
import { Worker } from 'node:worker_threads';
import { BinnacleError } from '../../kernel/errors.ts';
import type { RunElsewhere } from '../engine.ts';
import type { ScanResult } from '../guardrail.ts';
import type { ScanJob, ScanReply } from './message.ts';

export interface PoolOptions {
  readonly threads: number;
  /** Scans waiting or running over all threads; more are refused at once. */
  readonly queue: number;
  readonly deadlineMilliseconds: number;
}

export const POOL_DEFAULTS: PoolOptions = { threads: 1, queue: 256, deadlineMilliseconds: 5000 };

interface Pending {
  readonly resolve: (result: ScanResult) => void;
  readonly reject: (reason: BinnacleError) => void;
  readonly timer: NodeJS.Timeout;
}
interface Thread {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
  /** Configured guardrails whose options it has. */
  readonly runners: Set<number>;
}
type Job = Omit<ScanJob, 'id'>;

const failed = (code: string, message: string): BinnacleError =>
  new BinnacleError({ code, message, httpStatus: 503, isRetryable: true });

/** Options may be long (registered texts): a thread gets them once. */
function withoutKnownOptions(job: Job, { runners }: Thread): Job {
  const { options, ...rest } = job;
  if (runners.has(job.runner)) return rest;
  runners.add(job.runner);
  return { ...rest, options };
}

/** The threads' file, as source or as built. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);

export class GuardrailPool {
  readonly #options: PoolOptions;
  readonly #threads: Thread[] = [];
  readonly #numbers = new Map<string, number>();
  #next = 0;
  #isClosed = false;

  constructor(options: Partial<PoolOptions> = {}) {
    this.#options = { ...POOL_DEFAULTS, ...options };
  }

  /** For `compileGuardrails`: runners whose scans happen in the pool. */
  readonly run: RunElsewhere = (guardrail, options) => {
    const runner = this.#numberOf(guardrail.name, options);
    return {
      scan: ({ text, direction, context }) =>
        this.#scan({ guardrail: guardrail.name, runner, options, text, direction, context: context ?? null }),
    };
  };

  /** Starts the threads and loads what a first scan by these guardrails needs, so that the first request does not wait for it. */
  async warm(guardrails: readonly string[]): Promise<void> {
    await Promise.all(
      guardrails.map((guardrail) =>
        this.#scan(
          {
            guardrail,
            runner: this.#numberOf(guardrail, {}),
            options: {},
            text: 'warm up',
            direction: 'input',
            context: null,
          },
          60_000,
        ),
      ),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      this.#threads.map((thread) =>
        this.#end(thread, failed('pool_closed', 'The guardrail pool is closed.')),
      ),
    );
  }

  /** The same for the same configuration, so that a snapshot that is read again makes nothing anew. */
  #numberOf(guardrail: string, options: unknown): number {
    const key = JSON.stringify([guardrail, options]);
    const number = this.#numbers.get(key) ?? this.#numbers.size;
    this.#numbers.set(key, number);
    return number;
  }

  #scan(job: Job, deadline = this.#options.deadlineMilliseconds): Promise<ScanResult> {
    if (this.#isClosed) return Promise.reject(failed('pool_closed', 'The guardrail pool is closed.'));
    const waiting = this.#threads.reduce((sum, thread) => sum + thread.pending.size, 0);
    if (waiting >= this.#options.queue)
      return Promise.reject(failed('pool_full', `${waiting} scans are waiting: guardrails can't keep up.`));
    const thread = this.#leastBusy();
    const id = (this.#next += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        void this.#end(
          thread,
          failed('scan_timeout', `The scan by "${job.guardrail}" took longer than ${deadline} ms.`),
        );
      }, deadline);
      timer.unref();
      thread.pending.set(id, { resolve, reject, timer });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.worker.postMessage({ ...withoutKnownOptions(job, thread), id } satisfies ScanJob);
    });
  }

  #leastBusy(): Thread {
    if (this.#threads.length < this.#options.threads) return this.#start();
    return this.#threads.reduce((best, thread) => (thread.pending.size < best.pending.size ? thread : best));
  }

  #start(): Thread {
    const worker = new Worker(THREAD);
    worker.unref();
    const thread: Thread = { worker, pending: new Map(), runners: new Set() };
    worker.on('message', (reply: ScanReply) => {
      const pending = thread.pending.get(reply.id);
      if (pending === undefined) return;
      thread.pending.delete(reply.id);
      clearTimeout(pending.timer);
      if ('result' in reply) pending.resolve(reply.result);
      else pending.reject(failed('scan_failed', reply.error));
    });
    worker.on(
      'error',
      (error) => void this.#end(thread, failed('scan_crashed', `A guardrail thread died: ${error.message}`)),
    );
    worker.on('exit', () => void this.#end(thread, failed('scan_crashed', 'A guardrail thread ended.')));
    this.#threads.push(thread);
    return thread;
  }

  async #end(thread: Thread, reason: BinnacleError): Promise<void> {
    const at = this.#threads.indexOf(thread);
    if (at < 0) return;
    this.#threads.splice(at, 1);
    for (const pending of thread.pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(reason);
    }
    thread.pending.clear();
    await thread.worker.terminate();
  }
}
