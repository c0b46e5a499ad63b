// The life of an alert: ok → pending → firing → ok. A pure step from one state to the next; what follows from it (notify, open an incident,
// escalate) comes out as events, and someone else acts on them.
import type { AlertRule } from '../../contract/alert-rule.ts';
import { readCondition, windowOf, type Measurement, type Reading } from './alert-condition.ts';

/** Times are UTC milliseconds. */
export type AlertState =
  | { readonly status: 'ok' }
  /** The condition holds, not yet for the rule's duration. */
  | { readonly status: 'pending'; readonly since: number }
  | {
      readonly status: 'firing';
      /** When the condition began to hold. */
      readonly since: number;
      readonly firedAt: number;
      readonly notifiedAt: number;
      readonly escalated: boolean;
      /** Since when it has been well again; null while it is not. */
      readonly wellSince: number | null;
    };

export type AlertEventType = 'fired' | 'resolved' | 'notified-again' | 'escalated';

/** Something happened that people or runbooks should hear of; `silenced`: recorded, but nobody is told. */
export interface AlertEvent {
  readonly type: AlertEventType;
  readonly at: number;
  readonly value: number | null;
  readonly silenced: boolean;
}

export interface AlertStep {
  readonly state: AlertState;
  readonly events: readonly AlertEvent[];
}

const OK: AlertState = { status: 'ok' };

/** The next state of a rule (or of one value of its dimension), given what was measured at `now`. */
export function nextAlertState(
  rule: AlertRule,
  state: AlertState,
  measurement: Measurement,
  now: number,
): AlertStep {
  const silenced = rule.silenced_until !== undefined && now < Date.parse(rule.silenced_until);
  const event = (type: AlertEventType): AlertEvent => ({ type, at: now, value: measurement.value, silenced });
  const reading = withNoDataMode(rule, readCondition(rule.condition, measurement));
  if (state.status === 'firing') return whileFiring(rule, notAfter(state, now), reading, now, event);
  if (reading !== 'bad') return { state: OK, events: [] };
  const since = state.status === 'pending' ? Math.min(state.since, now) : now;
  if (now - since < rule.condition.duration) return { state: { status: 'pending', since }, events: [] };
  return {
    state: { status: 'firing', since, firedAt: now, notifiedAt: now, escalated: false, wellSince: null },
    events: [event('fired')],
  };
}

/** `keep`: missing data neither holds a condition nor ends a firing alert. */
function withNoDataMode(rule: AlertRule, reading: Reading): Reading {
  if (reading !== 'no-data' || rule.no_data === 'keep') return reading;
  return rule.no_data === 'fire' ? 'bad' : 'well';
}

/** Of a clock that has been set back, times still to come count as now: else nothing would follow until they come again. */
function notAfter<State extends AlertState & { status: 'firing' }>(state: State, now: number): State {
  const { firedAt, notifiedAt, wellSince } = state;
  return {
    ...state,
    firedAt: Math.min(firedAt, now),
    notifiedAt: Math.min(notifiedAt, now),
    wellSince: wellSince === null ? null : Math.min(wellSince, now),
  };
}

function whileFiring(
  rule: AlertRule,
  state: AlertState & { status: 'firing' },
  reading: Reading,
  now: number,
  event: (type: AlertEventType) => AlertEvent,
): AlertStep {
  const wellSince =
    reading === 'well' ? (state.wellSince ?? now) : reading === 'bad' ? null : state.wellSince;
  if (reading === 'well' && now - (wellSince ?? now) >= windowOf(rule.condition)) {
    return { state: OK, events: [event('resolved')] };
  }
  const events: AlertEvent[] = [];
  let { notifiedAt, escalated } = state;
  if (!escalated && rule.escalate !== undefined && now - state.firedAt >= rule.escalate.after) {
    escalated = true;
    events.push(event('escalated'));
  }
  if (rule.renotify_after !== undefined && now - notifiedAt >= rule.renotify_after) {
    notifiedAt = now;
    events.push(event('notified-again'));
  }
  return { state: { ...state, notifiedAt, escalated, wellSince }, events };
}

/** Replays a rule over measurements in time order: what would have happened. For `alerts test`. */
export function replayAlert(
  rule: AlertRule,
  measurements: Iterable<{ readonly at: number; readonly measurement: Measurement }>,
): AlertEvent[] {
  let state: AlertState = OK;
  const events: AlertEvent[] = [];
  for (const { at, measurement } of measurements) {
    const step = nextAlertState(rule, state, measurement, at);
    state = step.state;
    events.push(...step.events);
  }
  return events;
}
