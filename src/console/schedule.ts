// What the console does on time: jobs with a period, run one at a time each, on a clock that is handed in. `tick` decides and starts; a
// timer calls it in the running console, a test calls it after turning the clock. A job that runs too long is reported as wedged and
// never started a second time beside itself.
import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';

const WEDGED_AFTER_MS = 40_000;

export interface Job {
  readonly name: string;
  readonly everyMilliseconds: number;
  /** After this long a run counts as wedged. Default: 40 s, so that people hear of it within a minute; jobs that may take longer say so. */
  readonly wedgedAfterMilliseconds?: number;
  readonly run: () => Promise<void>;
}

export interface JobState {
  readonly name: string;
  readonly state: 'idle' | 'running' | 'wedged' | 'failed';
  /** Wall time in milliseconds; null before the first end. */
  readonly lastEndedAt: number | null;
  readonly runningMilliseconds: number | null;
  /** What the last run failed with; empty when it did not. */
  readonly error: string;
}

interface Entry {
  readonly job: Job;
  nextAt: number;
  startedAt: number | null;
  lastEndedAt: number | null;
  error: string;
}

export interface ScheduleOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Schedule {
  readonly #entries: Entry[] = [];
  readonly #options: ScheduleOptions;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  /** Adds a job; its first run is one period from now. */
  add(job: Job): void {
    if (this.#entries.some((entry) => entry.job.name === job.name))
      throw new Error(`a job named ${job.name} is scheduled already`);
    const nextAt = this.#options.clock.monotonic() + job.everyMilliseconds;
    this.#entries.push({ job, nextAt, startedAt: null, lastEndedAt: null, error: '' });
  }

  /** Starts every job that is due and not running. Resolves when those it started have ended; never rejects. */
  async tick(): Promise<void> {
    const now = this.#options.clock.monotonic();
    const due = this.#entries.filter((entry) => entry.startedAt === null && entry.nextAt <= now);
    await Promise.all(due.map((entry) => this.#run(entry, now)));
  }

  async #run(entry: Entry, now: number): Promise<void> {
    entry.startedAt = now;
    // From the plan, not from the end: periods do not drift; missed ones are not made up for.
    const missed = Math.floor((now - entry.nextAt) / entry.job.everyMilliseconds);
    entry.nextAt += (missed + 1) * entry.job.everyMilliseconds;
    try {
      await entry.job.run();
      entry.error = '';
    } catch (error) {
      entry.error = messageOf(error);
      this.#options.logger.log('error', 'scheduled job failed', { job: entry.job.name, error: entry.error });
    }
    entry.startedAt = null;
    entry.lastEndedAt = this.#options.clock.now();
  }

  states(): JobState[] {
    const now = this.#options.clock.monotonic();
    return this.#entries.map((entry) => {
      const { job, startedAt, lastEndedAt, error } = entry;
      const runningMilliseconds = startedAt === null ? null : now - startedAt;
      const limit = job.wedgedAfterMilliseconds ?? WEDGED_AFTER_MS;
      const running = runningMilliseconds !== null && runningMilliseconds > limit ? 'wedged' : 'running';
      const resting = error === '' ? 'idle' : 'failed';
      return {
        name: job.name,
        state: runningMilliseconds === null ? resting : running,
        lastEndedAt,
        runningMilliseconds,
        error,
      };
    });
  }

  /** Ticks by a timer until the returned function is called. */
  start(everyMilliseconds = 250): () => void {
    const timer = setInterval(() => void this.tick(), everyMilliseconds);
    return () => clearInterval(timer);
  }
}
