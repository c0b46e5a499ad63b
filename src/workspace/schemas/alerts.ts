// alerts.yaml: a list of rules; a condition held for a duration does what the action's words say.
import { z } from 'zod';
import { parseAlertAction } from '../../contract/alert-action.ts';
import type { AlertRule } from '../../contract/alert-rule.ts';
import { ERROR_RATE_KINDS, METRIC_DIMENSIONS, METRIC_NAMES } from '../../contract/metric-names.ts';
import { nearestName } from '../../kernel/nearest.ts';
import { duration, moment, name, sentence } from './values.ts';

const dimension = z.enum(METRIC_DIMENSIONS);

const metrics: ReadonlySet<string> = new Set([
  ...METRIC_NAMES,
  ...ERROR_RATE_KINDS.map((kind) => `error_rate:${kind}`),
]);

/** A metric of the contract, or `error_rate:KIND`. */
export const metric = z.string().superRefine((text, context) => {
  if (metrics.has(text)) return;
  const nearest = nearestName(text, metrics);
  const hint = nearest === undefined ? ` Metrics: ${METRIC_NAMES.join(', ')}` : ` Did you mean "${nearest}"?`;
  context.addIssue({ code: 'custom', message: `there is no metric "${text.slice(0, 60)}".${hint}` });
});

const condition = z
  .strictObject({
    metric,
    operator: z.enum([
      'greater_than',
      'less_than',
      'greater_or_equal',
      'less_or_equal',
      /** By `threshold` percent against the same metric over `baseline` before. */
      'increased_by_percentage',
      'decreased_by_percentage',
      /** Outside of what hour and weekday make likely; `threshold` is the number of deviations. */
      'anomalous',
    ]),
    threshold: z.number(),
    /** How long it must hold. */
    duration,
    /** The window each value is measured over; absent: `duration`. */
    window: duration.optional(),
    baseline: duration.optional(),
    /** Fewer observations than this are no evidence. */
    minimum_sample: z.number().int().positive().optional(),
    /** The value at which it resolves, where that is not `threshold`. */
    resolve_threshold: z.number().optional(),
    /** Only interactions that have these. */
    where: z.partialRecord(dimension, z.string().min(1)).default({}),
    /** One state for each value of the dimension. */
    per: dimension.optional(),
  })
  .superRefine((value, context) => {
    const relative =
      value.operator === 'increased_by_percentage' || value.operator === 'decreased_by_percentage';
    if (relative && value.baseline === undefined) {
      context.addIssue({ code: 'custom', message: `"${value.operator}" needs a "baseline" such as "7d"` });
    }
  });

const action = sentence.superRefine((text, context) => {
  const { actions, unknown } = parseAlertAction(text);
  if (unknown.length > 0 || actions.length === 0) {
    context.addIssue({
      code: 'custom',
      message: `can't read "${(unknown[0] ?? text).slice(0, 80)}": write "notify CHANNEL team", "create incident" or "trigger NAME runbook", separated by commas`,
    });
  }
});

const rule = z.strictObject({
  alert_rule: sentence,
  condition,
  action,
  severity: z.enum(['info', 'warning', 'critical']).default('warning'),
  /** What missing data means: the rule keeps its state, is well, or fires. */
  no_data: z.enum(['keep', 'ok', 'fire']).default('keep'),
  renotify_after: duration.optional(),
  escalate: z.strictObject({ after: duration, channel: name }).optional(),
  silenced_until: moment.optional(),
  enabled: z.boolean().default(true),
});

export const alertsSchema = z.array(rule).max(2000) satisfies z.ZodType<AlertRule[]>;
export type AlertsFile = z.output<typeof alertsSchema>;
