// A metric as a value of each interaction, so that a change of it can be split into causes: SQL for one row of the ledger, and what kind of
// thing it is. Metrics that are no mean of interactions (counts of traffic, sums) have no row.
import type { MetricKind } from './explain-change.ts';

export interface ObservedMetric {
  /** Over a row of `interactions` as `i`; null where the interaction says nothing about the metric. */
  readonly sql: string;
  readonly kind: MetricKind;
}

const ANSWERED = "i.status = 'ok'";
const TOKENS = 'i.input + i.cache_read + i.cache_write + i.output + i.reasoning';

const when = (condition: string, value: string): string => `if(${condition}, toFloat64(${value}), NULL)`;
const flag = (condition: string): string => `toFloat64(${condition})`;

function late(table: string, value: string, condition: string): string {
  return `(SELECT interaction, avg(${value}) AS late_value FROM ledger.${table} WHERE interaction IN (SELECT id FROM chosen) AND ${condition} GROUP BY interaction)`;
}

/** What has to be joined for metrics made of later facts; each yields `late_value`. */
export const LATE_FACTS: Readonly<Record<string, string>> = {
  positive_feedback_percentage: late('feedback', "100 * (thumb = 'up')", "thumb != ''"),
  avg_rating: late('feedback', 'assumeNotNull(rating)', 'isNotNull(rating)'),
  task_completion_rate: late('feedback', 'assumeNotNull(task_completed)', 'isNotNull(task_completed)'),
  /** The signal of drift: of those who gave feedback, who complained. */
  complaints: late('feedback', "has(labels, 'complaint') OR thumb = 'down' OR ifNull(rating, 5) <= 2", '1'),
  judge_score: late('scores', 'assumeNotNull(score)', "startsWith(scorer, 'judge:') AND isNotNull(score)"),
  human_score: late('ratings', 'value', '1'),
};

const LATENCY: ObservedMetric = { sql: when(ANSWERED, 'i.latency_ms'), kind: 'latency' };
const TTFT: ObservedMetric = { sql: `if(${ANSWERED}, i.ttft_ms, NULL)`, kind: 'latency' };
const COST: ObservedMetric = { sql: 'toFloat64(i.cost_usd)', kind: 'other' };
const USED: ObservedMetric = { sql: when('i.usage_known', TOKENS), kind: 'other' };

const OBSERVED: Readonly<Record<string, ObservedMetric>> = {
  error_rate: { sql: flag("i.status IN ('error', 'interrupted')"), kind: 'errors' },
  blocked_rate: { sql: flag("i.status = 'blocked'"), kind: 'other' },
  latency_p50: LATENCY,
  latency_p90: LATENCY,
  latency_p99: LATENCY,
  ttft_p50: TTFT,
  ttft_p90: TTFT,
  ttft_p99: TTFT,
  avg_tokens_per_request: USED,
  total_tokens: USED,
  cost_per_request: COST,
  cost_per_user: COST,
  cumulative_spend: COST,
  cache_hit_rate: { sql: when("i.cache IN ('hit', 'miss')", "i.cache = 'hit'"), kind: 'other' },
  groundedness_percentage: {
    sql: when("mapContains(i.scores, 'grounded')", "100 * i.scores['grounded']"),
    kind: 'other',
  },
  hallucination_percentage: {
    sql: when("mapContains(i.scores, 'grounded')", "100 * (i.scores['grounded'] < 0.5)"),
    kind: 'other',
  },
  guardrail_trigger_percentage: {
    sql: flag("100 * arrayExists(action -> action != 'allow', mapKeys(i.findings_by_action))"),
    kind: 'other',
  },
  refusal_rate: { sql: when(ANSWERED, 'i.refused'), kind: 'other' },
  avg_response_length: { sql: when(ANSWERED, 'i.response_characters'), kind: 'other' },
  truncation_rate: { sql: when(ANSWERED, "i.finish_reason = 'length'"), kind: 'other' },
};

/** Undefined for a metric that no interaction has a value of. */
export function observedMetric(metric: string): ObservedMetric | undefined {
  const kind = /^error_rate:(\w+)$/.exec(metric)?.[1];
  if (kind !== undefined)
    return { sql: flag(`i.status IN ('error', 'interrupted') AND i.error_kind = '${kind}'`), kind: 'errors' };
  if (Object.hasOwn(LATE_FACTS, metric)) return { sql: 'l.late_value', kind: 'other' };
  return Object.hasOwn(OBSERVED, metric) ? OBSERVED[metric] : undefined;
}
