// Slowing down a user whose requests keep triggering input guardrails. Decides from what it is told and the time it is given; no I/O. Held
// in the memory of one gateway: it is a brake against abuse, not an account.
import { MINUTE_MS } from '../kernel/clock.ts';
export interface ThrottleRule {
  /** So many findings … */
  readonly findings: number;
  /** … within so many milliseconds … */
  readonly within: number;
  /** … leave this many requests a minute … */
  readonly requestsPerMinute: number;
  /** … for so many milliseconds. */
  readonly lasts: number;
}

interface Subject {
  /** Times of findings inside the window, oldest first. */
  findings: number[];
  throttledUntil: number;
  /** Times of requests admitted while throttled, inside a minute. */
  admitted: number[];
}

const MOST_SUBJECTS = 10_000;

export class AbuseThrottle {
  /** In order of their last change, so that the first is the one to forget. */
  readonly #subjects = new Map<string, Subject>();

  /** Null: goes on. Else milliseconds until the next request of this subject is admitted. */
  admit(subject: string, rule: ThrottleRule, now: number): number | null {
    const known = this.#subjects.get(subject);
    if (known === undefined || known.throttledUntil <= now) return null;
    known.admitted = known.admitted.filter((at) => at > now - MINUTE_MS);
    const oldest = known.admitted[0];
    if (known.admitted.length < rule.requestsPerMinute || oldest === undefined) {
      known.admitted.push(now);
      return null;
    }
    return Math.min(oldest + MINUTE_MS, known.throttledUntil) - now;
  }

  /** Takes the findings of one request; true when they make this subject slow from now on. */
  note(subject: string, findings: number, rule: ThrottleRule, now: number): boolean {
    const known = this.#subjects.get(subject) ?? { findings: [], throttledUntil: 0, admitted: [] };
    this.#subjects.delete(subject);
    this.#subjects.set(subject, known);
    const fresh = Array.from({ length: Math.min(findings, rule.findings) }, () => now);
    known.findings = [...known.findings.filter((at) => at > now - rule.within), ...fresh].slice(
      -rule.findings,
    );
    const isSlowed = known.findings.length >= rule.findings;
    const isNew = isSlowed && known.throttledUntil <= now;
    if (isSlowed) known.throttledUntil = now + rule.lasts;
    if (this.#subjects.size > MOST_SUBJECTS)
      this.#subjects.delete(this.#subjects.keys().next().value as string);
    return isNew;
  }
}
