// A rule against recorded history: when it would have fired. The same measuring and the same state machine as live.
import { MINUTE_MS } from '../../kernel/clock.ts';
import type { AlertRule } from '../../contract/alert-rule.ts';
import type { AlertReplay } from '../../contract/api-monitoring.ts';
import type { Measurement } from '../../monitoring/alerts/alert-condition.ts';
import { replayAlert } from '../../monitoring/alerts/alert-state.ts';
import { measureOver } from '../../monitoring/alerts/measure-rules.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { describeEvent } from './alert-event.ts';

const MOST_MOMENTS = 2_000;

export interface ReplayRequest {
  readonly rule: AlertRule;
  readonly from: number;
  readonly to: number;
}

/** Evaluates the rule each minute (or less often over a long time) of the period, oldest first. */
export async function replayRule(
  ledger: LedgerClient,
  { rule, from, to }: ReplayRequest,
): Promise<AlertReplay> {
  const step = Math.max(MINUTE_MS, Math.ceil((to - from) / MOST_MOMENTS / MINUTE_MS) * MINUTE_MS);
  const bySubject = new Map<string, { at: number; measurement: Measurement }[]>();
  const looks = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
  for await (const { at, measured } of measureOver(ledger, rule, looks, () => bySubject.keys())) {
    for (const { subject, measurement } of measured) {
      const moments = bySubject.get(subject) ?? [];
      bySubject.set(subject, moments);
      moments.push({ at, measurement });
    }
  }
  const events = [...bySubject].flatMap(([subject, moments]) =>
    replayAlert(rule, moments).map((event) => describeEvent(rule, subject, event)),
  );
  return {
    rule: rule.alert_rule,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    step_seconds: step / 1000,
    fired: events.filter((event) => event.type === 'fired').length,
    events: events.sort((a, b) => a.at.localeCompare(b.at)),
  };
}
