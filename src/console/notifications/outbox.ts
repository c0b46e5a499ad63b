// Notifications on their way: kept as jobs in the state store, sent at least once under one id, tried again with growing pauses, and given up
// where that is no use. A console that dies in the middle sends again after the lease.
import { z } from 'zod';
import { pauseAfter } from '../../kernel/backoff.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Job, JobStore } from '../../storage/state/state.ts';
import { sendTo, type Channel, type ResolveSecret } from './channels.ts';
import type { Notification } from './notification.ts';

export const NOTIFY_JOB = 'notify';

const LEASE_MS = 60_000;
const BACKOFF = { first: 5_000, longest: 3_600_000 };
/** The pauses add up to about a day. */
const MOST_TRIES = 30;
/** At the same time: a receiver that does not answer must not keep the others waiting. */
const AT_ONCE = 8;
/** After so many, or after so long, nothing more is begun in this pass: the schedule's job has to end. */
const MOST_A_PASS = 50;
const LONGEST_PASS_MS = 5_000;

export interface OutboxServices {
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channels: () => Readonly<Record<string, Channel>>;
  readonly resolve: ResolveSecret;
}

const payloadSchema = z.object({
  channel: z.string(),
  notification: z.object({
    id: z.string(),
    type: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    title: z.string(),
    text: z.string(),
    at: z.number(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  }),
});

export class Outbox {
  readonly #services: OutboxServices;

  constructor(services: OutboxServices) {
    this.#services = services;
  }

  /** Puts a notification on its way to a channel; once, however often it is called with this id. */
  async put(channel: string, notification: Notification): Promise<boolean> {
    return this.#services.jobs.add({
      id: `notify:${notification.id}:${channel}`,
      kind: NOTIFY_JOB,
      payload: { channel, notification },
      runAt: this.#services.clock.now(),
    });
  }

  /** To every channel there is; how many. */
  async putToAll(notification: Notification): Promise<number> {
    const names = Object.keys(this.#services.channels());
    for (const channel of names) await this.put(channel, notification);
    return names.length;
  }

  /** Sends what is due. */
  async send(): Promise<void> {
    const { jobs, clock } = this.#services;
    const end = clock.monotonic() + LONGEST_PASS_MS;
    let sent = 0;
    const sender = async (): Promise<void> => {
      while (sent < MOST_A_PASS && clock.monotonic() < end) {
        sent += 1;
        const job = await jobs.claim([NOTIFY_JOB], LEASE_MS);
        if (job === null) return;
        await this.#deliver(job);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  }

  async #deliver(job: Job): Promise<void> {
    const { jobs, clock, logger, channels, resolve } = this.#services;
    const { channel: name, notification } = payloadSchema.parse(job.payload);
    const channel = channels()[name];
    const outcome =
      channel === undefined
        ? { status: 'failed' as const, reason: `there is no channel "${name}"`, isRetryable: false }
        : await sendTo(channel, notification, { resolve, now: clock.now() });
    if (outcome.status === 'delivered') {
      await jobs.finish(job.id, job.tries, { delivered_at: clock.now() });
      return;
    }
    const again = outcome.isRetryable && job.tries < MOST_TRIES;
    const pause = pauseAfter(job.tries, BACKOFF);
    await jobs.fail(job.id, job.tries, outcome.reason, again ? clock.now() + pause : null);
    logger.log(again ? 'warn' : 'error', 'a notification was not delivered', {
      channel: name,
      notification: notification.id,
      reason: outcome.reason,
      tries: job.tries,
      again,
    });
  }
}
