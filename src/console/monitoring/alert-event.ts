// What an alert did, as the console keeps and tells it: live or over recorded history.
import type { AlertEventBody } from '../../contract/api-monitoring.ts';
import type { AlertRule } from '../../contract/alert-rule.ts';
import type { AlertEvent } from '../../monitoring/alerts/alert-state.ts';

export function describeEvent(
  rule: AlertRule,
  subject: string,
  { type, at, value, silenced }: AlertEvent,
): Omit<AlertEventBody, 'id'> {
  return { rule: rule.alert_rule, subject, type, at: new Date(at).toISOString(), value, silenced };
}
