// Stage: a user whose requests keep triggering input guardrails is slowed down, as guardrails.yaml says under `throttle`.
import { BinnacleError } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AbuseThrottle, type ThrottleRule } from '../../limits/abuse-throttle.ts';
import type { Exchange } from '../exchange.ts';
import type { GuardBook } from '../guard/guard-book.ts';
import type { Stage } from '../stage.ts';

export interface ThrottleServices {
  readonly clock: Clock;
  readonly guards: GuardBook;
}

/** Whose requests are counted: an end user of a key, else the key; nobody where both are unknown. */
function subjectOf({ key, request }: Exchange): string | null {
  if (request.endUser !== undefined) return JSON.stringify([key?.id ?? '', request.endUser]);
  return key === null ? null : key.id;
}

function refused(milliseconds: number, rule: ThrottleRule): BinnacleError {
  return new BinnacleError({
    code: 'throttled_by_guardrails',
    message: `Requests of this user have triggered guardrails too often: ${rule.requestsPerMinute} requests a minute are answered for now.`,
    httpStatus: 429,
    isRetryable: true,
    retryAfterSeconds: Math.max(1, Math.ceil(milliseconds / 1000)),
  });
}

export function throttle({ clock, guards }: ThrottleServices): Stage {
  const users = new AbuseThrottle();
  return {
    name: 'throttle',
    enter(exchange) {
      const rule = guards.throttleOf(exchange.snapshot);
      const subject = rule === null ? null : subjectOf(exchange);
      if (rule === null || subject === null) return;
      const wait = users.admit(subject, rule, clock.now());
      if (wait !== null) throw refused(wait, rule);
    },
    complete(exchange) {
      if (exchange.findings.length === 0) return;
      const rule = guards.throttleOf(exchange.snapshot);
      const subject = rule === null ? null : subjectOf(exchange);
      if (rule === null || subject === null) return;
      const triggered = exchange.findings.filter(
        ({ direction, action }) => direction === 'input' && action !== 'allow',
      ).length;
      if (triggered > 0) users.note(subject, triggered, rule, clock.now());
    },
  };
}
