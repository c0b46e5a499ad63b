// An alert rule as the engine sees it: alerts.yaml, validated, durations in milliseconds.
import type { METRIC_DIMENSIONS } from './metric-names.ts';

/** What interactions are counted by and can be filtered by. */
export type MetricDimension = (typeof METRIC_DIMENSIONS)[number];

export type AlertOperator =
  | 'greater_than'
  | 'less_than'
  | 'greater_or_equal'
  | 'less_or_equal'
  /** By `threshold` percent against the same metric over the `baseline` period before. */
  | 'increased_by_percentage'
  | 'decreased_by_percentage'
  /** More than `threshold` deviations from what the hour and weekday make likely. */
  | 'anomalous';

export interface AlertCondition {
  readonly metric: string;
  readonly operator: AlertOperator;
  readonly threshold: number;
  readonly duration: number;
  readonly window?: number | undefined;
  readonly baseline?: number | undefined;
  readonly minimum_sample?: number | undefined;
  readonly resolve_threshold?: number | undefined;
  readonly where: Readonly<Partial<Record<MetricDimension, string>>>;
  readonly per?: MetricDimension | undefined;
}

export interface AlertRule {
  readonly alert_rule: string;
  readonly condition: AlertCondition;
  /** "create incident, trigger evaluation runbook". */
  readonly action: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly no_data: 'keep' | 'ok' | 'fire';
  readonly renotify_after?: number | undefined;
  readonly escalate?: { readonly after: number; readonly channel: string } | undefined;
  /** ISO date-time. */
  readonly silenced_until?: string | undefined;
  readonly enabled: boolean;
}
