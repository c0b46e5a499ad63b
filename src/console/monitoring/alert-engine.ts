// Alert rules on time: measures all rules at once, steps each state machine, keeps the states in the state store, and hands what happened to
// those who act. It goes by the clock and not by arriving rows, so it also runs when data stops. What it missed while the console was down
// it goes through minute by minute before it goes on.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { AlertRule } from '../../contract/alert-rule.ts';
import { MINUTE_MS, type Clock } from '../../kernel/clock.ts';
import type { Measurement } from '../../monitoring/alerts/alert-condition.ts';
import { nextAlertState, type AlertEvent, type AlertState } from '../../monitoring/alerts/alert-state.ts';
import { measureRules } from '../../monitoring/alerts/measure-rules.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { DocumentStore } from '../../storage/state/state.ts';

/** What happened to a rule or to one subject of it. */
export interface AlertHappening {
  /** Names this very happening for ever, also when it is found again after a crash. */
  readonly id: string;
  readonly rule: AlertRule;
  readonly subject: string;
  readonly event: AlertEvent;
  /** When the condition began to hold. */
  readonly since: number;
}

export interface AlertEngineServices {
  readonly ledger: LedgerClient;
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly rules: () => readonly AlertRule[];
  /** Must do the same happening once, however often it is told. Resolves when it is safe. */
  readonly act: (happening: AlertHappening) => Promise<void>;
}

export interface RuleReading {
  readonly rule: AlertRule;
  readonly subject: string;
  readonly state: AlertState;
  readonly measurement: Measurement | null;
  readonly measuredAt: number | null;
}

interface Kept {
  readonly rule: string;
  readonly subject: string;
  /** Of the condition: a changed rule begins anew. */
  readonly digest: string;
  readonly state: AlertState;
}

const STATES = 'alert';
const PROGRESS = 'alert-progress';
const OK: AlertState = { status: 'ok' };
/** Gaps longer than this are gone through; at most so many minutes of them. */
const GAP = 90_000;
const MOST_MISSED = 240;
const MOST_STATES = 100_000;

export class AlertEngine {
  readonly #services: AlertEngineServices;
  #kept: Map<string, Kept> | null = null;
  #readings = new Map<string, { measurement: Measurement; at: number }>();
  #evaluatedAt: number | null = null;

  constructor(services: AlertEngineServices) {
    this.#services = services;
  }

  /** Evaluates every rule at the clock's now, after what was missed. Rejects when the ledger does not answer; then nothing is lost. */
  async evaluate(): Promise<void> {
    const kept = await this.#load();
    const now = this.#services.clock.now();
    for (const at of momentsOf(this.#evaluatedAt, now)) {
      await this.#evaluateAt(kept, at);
      this.#evaluatedAt = at;
      await this.#services.documents.put(PROGRESS, 'evaluated', { at });
    }
  }

  /** Each rule as it stands, with its last measurement; per subject where a rule is kept per dimension. */
  async readings(): Promise<RuleReading[]> {
    const kept = await this.#load();
    return this.#services.rules().flatMap((rule) => {
      const ids = [...new Set([...kept.keys(), ...this.#readings.keys()])].filter((id) => belongs(id, rule));
      if (ids.length === 0 && rule.condition.per === undefined) ids.push(idOf(rule.alert_rule, ''));
      return ids.map((id): RuleReading => {
        const reading = this.#readings.get(id);
        return {
          rule,
          subject: id.slice(rule.alert_rule.length + 1),
          state: kept.get(id)?.state ?? OK,
          measurement: reading?.measurement ?? null,
          measuredAt: reading?.at ?? null,
        };
      });
    });
  }

  async #load(): Promise<Map<string, Kept>> {
    if (this.#kept !== null) return this.#kept;
    const documents = await this.#services.documents.list(STATES, { limit: MOST_STATES });
    const progress = await this.#services.documents.get(PROGRESS, 'evaluated');
    this.#evaluatedAt = (progress?.body as { at: number } | undefined)?.at ?? null;
    this.#kept = new Map(documents.map(({ id, body }) => [id, body as Kept]));
    return this.#kept;
  }

  async #evaluateAt(kept: Map<string, Kept>, now: number): Promise<void> {
    const rules = this.#services.rules().filter((rule) => rule.enabled);
    await this.#forgetGone(kept, rules);
    const known = (rule: AlertRule): string[] =>
      [...kept.values()].filter((one) => one.rule === rule.alert_rule).map((one) => one.subject);
    const measured = await measureRules(this.#services.ledger, rules, now, known);
    this.#readings = new Map(
      measured.map(({ rule, subject, measurement }) => [
        idOf(rule.alert_rule, subject),
        { measurement, at: now },
      ]),
    );
    for (const { rule, subject, measurement } of measured)
      await this.#step(kept, rule, subject, measurement, now);
  }

  async #step(
    kept: Map<string, Kept>,
    rule: AlertRule,
    subject: string,
    measurement: Measurement,
    now: number,
  ): Promise<void> {
    const id = idOf(rule.alert_rule, subject);
    const digest = digestOf(rule);
    const before = kept.get(id);
    const state = before?.digest === digest ? before.state : OK;
    const step = nextAlertState(rule, state, measurement, now);
    // First the deed, then the state: a crash between them finds the same happening again, under the same name.
    for (const event of step.events)
      await this.#services.act({
        id: happeningId(id, event, state, now),
        rule,
        subject,
        event,
        since: step.state.status === 'firing' ? step.state.since : state.status === 'ok' ? now : state.since,
      });
    if (before !== undefined && before.digest === digest && isDeepStrictEqual(before.state, step.state))
      return;
    if (before === undefined && step.state.status === 'ok') return;
    if (step.state.status === 'ok') {
      kept.delete(id);
      await this.#services.documents.remove(STATES, id);
      return;
    }
    const next: Kept = { rule: rule.alert_rule, subject, digest, state: step.state };
    kept.set(id, next);
    await this.#services.documents.put(STATES, id, next, step.state.status);
  }

  /** States of rules that are no longer in the file, or switched off. */
  async #forgetGone(kept: Map<string, Kept>, rules: readonly AlertRule[]): Promise<void> {
    const names = new Set(rules.map((rule) => rule.alert_rule));
    for (const [id, { rule }] of kept) {
      if (names.has(rule)) continue;
      kept.delete(id);
      await this.#services.documents.remove(STATES, id);
    }
  }
}

/** Now, and before it each minute since the last evaluation where that is too long ago. */
function momentsOf(last: number | null, now: number): number[] {
  if (last === null || now - last <= GAP) return [now];
  const missed = Math.min(MOST_MISSED, Math.floor((now - last - 1) / MINUTE_MS));
  return [...Array.from({ length: missed }, (_, index) => now - (missed - index) * MINUTE_MS), now];
}

function idOf(rule: string, subject: string): string {
  return `${rule}\u0000${subject}`;
}

function belongs(id: string, rule: AlertRule): boolean {
  return id.startsWith(`${rule.alert_rule}\u0000`);
}

function digestOf({ condition }: AlertRule): string {
  return createHash('sha256').update(JSON.stringify(condition)).digest('hex').slice(0, 16);
}

/** By what makes it this happening and no other: when the condition began, when it fired, when people were told last. */
function happeningId(id: string, { type }: AlertEvent, state: AlertState, now: number): string {
  const anchors: Record<AlertEvent['type'], number> = {
    fired: state.status === 'ok' ? now : state.since,
    resolved: state.status === 'firing' ? state.firedAt : now,
    escalated: state.status === 'firing' ? state.firedAt : now,
    'notified-again': state.status === 'firing' ? state.notifiedAt : now,
  };
  return createHash('sha256').update(`${id}\u0000${type}\u0000${anchors[type]}`).digest('hex').slice(0, 32);
}
