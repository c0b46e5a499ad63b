// Runs runbooks as jobs: step after step, each limited in time and recorded in its incident. A console that dies in the middle leaves a lease
// that runs out; whoever claims the job then goes on at the first step that has not ended, under the same ids.
import type { Incident, RunbookRun, StepRun } from '../../../contract/api-monitoring.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { BinnacleError, messageOf } from '../../../kernel/errors.ts';
import type { Logger } from '../../../kernel/logger.ts';
import type { Job, JobStore } from '../../../storage/state/state.ts';
import type { RunbookFile } from '../../../workspace/schemas/runbook.ts';
import { z } from 'zod';
import { withEntry, type Incidents } from '../incidents.ts';
import type { RunbookStep, StepOutcome } from './runbook-acts.ts';

export const RUNBOOK_JOB = 'runbook';

const LEASE_MS = 60_000;
const EXTEND_EVERY_MS = 15_000;
/** At once in one console. */
const MOST = 4;

export interface RunnerServices {
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly incidents: Incidents;
  readonly act: (step: RunbookStep, act: StepOrder) => Promise<StepOutcome>;
}

export interface StepOrder {
  readonly id: string;
  readonly incident: Incident;
  readonly signal: AbortSignal;
}

/** Steps were validated when the file was read; their durations are milliseconds by now. */
const payloadSchema = z.object({
  incident: z.string(),
  runbook: z.string(),
  steps: z.array(
    z.custom<RunbookStep>((value) => z.looseObject({ step: z.string() }).safeParse(value).success),
  ),
});

export class RunbookRunner {
  readonly #services: RunnerServices;
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  constructor(services: RunnerServices) {
    this.#services = services;
  }

  /** Orders a runbook for an incident, with its steps as they are now; once under one id. */
  async order(id: string, incident: string, runbook: string, { steps }: RunbookFile): Promise<void> {
    const run: RunbookRun = { job: id, runbook, status: 'waiting', steps: steps.map(waiting) };
    await this.#services.incidents.change(incident, (before) =>
      before.runbooks.some((one) => one.job === id)
        ? before
        : withEntry(
            { ...before, runbooks: [...before.runbooks, run] },
            {
              id: `${id}:ordered`,
              actor: 'console',
              type: 'runbook',
              text: `Runbook ${runbook} is started.`,
            },
            this.#services.clock.now(),
          ),
    );
    const payload = { incident, runbook, steps };
    await this.#services.jobs.add({ id, kind: RUNBOOK_JOB, payload, runAt: this.#services.clock.now() });
  }

  /** Starts what is due, in the background: a step may take longer than a scheduled job may. */
  async start(): Promise<void> {
    while (this.#running.size < MOST && !this.#stop.signal.aborted) {
      const job = await this.#services.jobs.claim([RUNBOOK_JOB], LEASE_MS);
      if (job === null) return;
      const run = this.#run(job).catch((error: unknown) => {
        this.#services.logger.log('error', 'a runbook stopped', { job: job.id, error: messageOf(error) });
      });
      this.#running.add(run);
      void run.finally(() => this.#running.delete(run));
    }
  }

  /** Resolves when nothing runs. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Stops in the middle; what runs is gone on with after its lease, here or elsewhere. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.settled();
  }

  async #run(job: Job): Promise<void> {
    const { incident, runbook, steps } = payloadSchema.parse(job.payload);
    const timer = setInterval(
      () => void this.#services.jobs.extend(job.id, job.tries, LEASE_MS),
      EXTEND_EVERY_MS,
    );
    try {
      let stopped = false;
      for (const [index, step] of steps.entries()) {
        const before = await this.#stepOf(incident, job.id, index);
        if (before.status !== 'waiting' && before.status !== 'running') {
          stopped ||= before.status === 'failed' && step.on_failure === 'stop';
          continue;
        }
        const ended = stopped ? skipped(before) : await this.#step(job.id, incident, step, index, before);
        if (ended === null) return;
        stopped ||= ended.status === 'failed' && step.on_failure === 'stop';
        await this.#record(incident, job.id, index, ended);
      }
      await this.#end(incident, job, runbook);
    } finally {
      clearInterval(timer);
    }
  }

  /** Null: this console stops, the step is left to who comes next. */
  async #step(
    job: string,
    incident: string,
    step: RunbookStep,
    index: number,
    before: StepRun,
  ): Promise<StepRun | null> {
    const started = before.started_at ?? this.#services.clock.now();
    await this.#record(incident, job, index, { ...before, status: 'running', started_at: started });
    const limit = AbortSignal.timeout(step.timeout);
    const signal = AbortSignal.any([limit, this.#stop.signal]);
    const about = await this.#services.incidents.require(incident);
    const end = (status: StepRun['status'], result: string, data: unknown = null): StepRun => ({
      ...before,
      status,
      started_at: started,
      ended_at: this.#services.clock.now(),
      result: result.slice(0, 2_000),
      data: z.json().parse(data),
    });
    try {
      const outcome = await aborted(
        this.#services.act(step, { id: `${job}-${index}`, incident: about, signal }),
        signal,
      );
      return end(outcome.status, outcome.text, outcome.data);
    } catch (error) {
      if (this.#stop.signal.aborted) return null;
      return end(
        'failed',
        limit.aborted ? `It did not end within ${step.timeout / 1000} s.` : messageOf(error),
      );
    }
  }

  async #stepOf(incident: string, job: string, index: number): Promise<StepRun> {
    const { runbooks } = await this.#services.incidents.require(incident);
    const found = runbooks.find((one) => one.job === job)?.steps[index];
    if (found !== undefined) return found;
    throw new BinnacleError({
      code: 'lost_runbook',
      message: `Incident ${incident} does not know run ${job}.`,
    });
  }

  async #record(incident: string, job: string, index: number, step: StepRun): Promise<void> {
    const now = this.#services.clock.now();
    await this.#services.incidents.change(incident, (before) => {
      const changed = withRun(before, job, (run) => ({
        ...run,
        status: 'running',
        steps: run.steps.map((one, position) => (position === index ? step : one)),
      }));
      if (step.status === 'running') return changed;
      const text = `${step.name}: ${step.status}. ${step.result}`;
      const id = `${job}:${index}:${step.status}`;
      return withEntry(changed, { id, actor: 'runbook', type: 'step', text }, now);
    });
  }

  async #end(incident: string, job: Job, runbook: string): Promise<void> {
    const now = this.#services.clock.now();
    const after = await this.#services.incidents.change(incident, (before) => {
      const changed = withRun(before, job.id, (run) => ({
        ...run,
        status: run.steps.some((step) => step.status === 'failed') ? 'failed' : 'done',
      }));
      const text = `Runbook ${runbook} has run to its end.`;
      return withEntry(changed, { id: `${job.id}:ended`, actor: 'runbook', type: 'runbook', text }, now);
    });
    const status = after.runbooks.find((one) => one.job === job.id)?.status ?? 'done';
    await this.#services.jobs.finish(job.id, job.tries, { status });
  }
}

function waiting(step: RunbookStep): StepRun {
  return {
    step: step.step,
    name: step.name ?? step.step.replaceAll('_', ' '),
    status: 'waiting',
    started_at: null,
    ended_at: null,
    result: '',
    data: null,
  };
}

function skipped(step: StepRun): StepRun {
  return { ...step, status: 'skipped', result: 'A step before it failed.' };
}

function withRun(incident: Incident, job: string, change: (run: RunbookRun) => RunbookRun): Incident {
  return { ...incident, runbooks: incident.runbooks.map((run) => (run.job === job ? change(run) : run)) };
}

/** What `work` comes to, or a rejection as soon as `signal` aborts: a step that does not listen is left behind. */
async function aborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const stop = Promise.withResolvers<never>();
  const onAbort = (): void => stop.reject(new Error('stopped'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, stop.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
