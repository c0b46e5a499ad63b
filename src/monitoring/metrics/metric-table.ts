// The metrics of the contract as SQL over the ledger's tables: one row a metric, and nothing else knows what a metric means. Each is made of
// sums that the store computes in one pass; late facts (feedback, scores, ratings) count at the time of their interaction, because their
// tables keep that time in `at`.
import { ERROR_RATE_KINDS } from '../../contract/metric-names.ts';
import { OWN_TAGS } from '../../contract/own-tags.ts';

/** Tables, or unions of them, that hold facts with an interaction's time and dimensions. */
export type MetricSource = 'interactions' | 'feedback' | 'scores' | 'ratings' | 'findings' | 'bias';

/** One aggregate over one source. */
export interface Sum {
  readonly source: MetricSource;
  readonly sql: string;
}

export type MetricUnit =
  'count' | 'rate' | 'percentage' | 'milliseconds' | 'tokens' | 'characters' | 'usd' | 'score';

/** How a metric's value, sample and interval come from its sums. */
export type MetricForm =
  /** A number of things; null where there were no interactions at all, 0 where there were and none of these. */
  | { readonly kind: 'count'; readonly total: Sum; readonly sample: Sum }
  /** `hits` of `of`, times `factor`. */
  | { readonly kind: 'share'; readonly hits: Sum; readonly of: Sum; readonly factor: 1 | 100 }
  /** Mean of values, times `factor`. */
  | {
      readonly kind: 'mean';
      readonly mean: Sum;
      readonly deviation: Sum;
      readonly sample: Sum;
      readonly factor: 1 | 100;
    }
  /** A quantile of all values in the window, exact (type 7 of Hyndman & Fan, 1996). */
  | { readonly kind: 'quantile'; readonly value: Sum; readonly sample: Sum }
  /** An exact amount; `per` divides it. */
  | { readonly kind: 'money'; readonly total: Sum; readonly sample: Sum; readonly per: Sum | null };

export interface Metric {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly form: MetricForm;
}

/** SQL over a row of `interactions`: the users' own. Others (probes, evaluations, judges of guardrails) cost, but say nothing of live quality and speed. */
export const LIVE_TRAFFIC = `NOT hasAny(tags, [${OWN_TAGS.map((tag) => `'${tag}'`).join(', ')}])`;

const LIVE = LIVE_TRAFFIC;
const ANSWERED = `${LIVE} AND status = 'ok'`;
const TOKENS = 'input + cache_read + cache_write + output + reasoning';
const GROUNDED = `${LIVE} AND mapContains(scores, 'grounded')`;
/** Below this an answer counts as not supported by its context. */
const HALLUCINATED_BELOW = 0.5;

const sum = (source: MetricSource, sql: string): Sum => ({ source, sql });
const interactions = (sql: string): Sum => sum('interactions', sql);
const feedback = (sql: string): Sum => sum('feedback', sql);

const live = interactions(`countIf(${LIVE})`);
const answered = interactions(`countIf(${ANSWERED})`);
const all = interactions('count()');

function share(hits: Sum, of: Sum, factor: 1 | 100): MetricForm {
  return { kind: 'share', hits, of, factor };
}

function mean(source: MetricSource, column: string, condition: string, factor: 1 | 100 = 1): MetricForm {
  return {
    kind: 'mean',
    mean: sum(source, `avgIf(${column}, ${condition})`),
    deviation: sum(source, `stddevSampIf(${column}, ${condition})`),
    sample: sum(source, `countIf(${condition})`),
    factor,
  };
}

function quantiles(metric: string, column: string, condition: string): Metric[] {
  return (
    [
      ['p50', 0.5],
      ['p90', 0.9],
      ['p99', 0.99],
    ] as const
  ).map(([name, level]) => ({
    name: `${metric}_${name}`,
    unit: 'milliseconds',
    form: {
      kind: 'quantile',
      value: interactions(`quantileExactInclusiveIf(${level})(${column}, ${condition})`),
      sample: interactions(`countIf(${condition})`),
    },
  }));
}

const errors = (condition: string): MetricForm =>
  share(interactions(`countIf(${LIVE} AND ${condition})`), live, 1);

export const METRICS: readonly Metric[] = [
  { name: 'requests', unit: 'count', form: { kind: 'count', total: live, sample: live } },
  { name: 'error_rate', unit: 'rate', form: errors("status IN ('error', 'interrupted')") },
  ...ERROR_RATE_KINDS.map((kind): Metric => ({
    name: `error_rate:${kind}`,
    unit: 'rate',
    form: errors(`status IN ('error', 'interrupted') AND error_kind = '${kind}'`),
  })),
  { name: 'blocked_rate', unit: 'rate', form: errors("status = 'blocked'") },
  ...quantiles('latency', 'latency_ms', ANSWERED),
  ...quantiles('ttft', 'assumeNotNull(ttft_ms)', `${ANSWERED} AND isNotNull(ttft_ms)`),
  {
    name: 'avg_tokens_per_request',
    unit: 'tokens',
    form: mean('interactions', TOKENS, `${LIVE} AND usage_known`),
  },
  {
    name: 'total_tokens',
    unit: 'tokens',
    form: { kind: 'count', total: interactions(`sum(${TOKENS})`), sample: all },
  },
  {
    name: 'cost_per_request',
    unit: 'usd',
    form: {
      kind: 'money',
      total: interactions(`sumIf(cost_usd, ${LIVE})`),
      sample: interactions(`countIf(${LIVE} AND isNotNull(cost_usd))`),
      per: interactions(`countIf(${LIVE} AND isNotNull(cost_usd))`),
    },
  },
  {
    name: 'cost_per_user',
    unit: 'usd',
    form: {
      kind: 'money',
      total: interactions(`sumIf(cost_usd, ${LIVE} AND end_user != '')`),
      sample: interactions(
        `uniqExactIf(cityHash64(end_user), ${LIVE} AND end_user != '' AND isNotNull(cost_usd))`,
      ),
      per: interactions(
        `uniqExactIf(cityHash64(end_user), ${LIVE} AND end_user != '' AND isNotNull(cost_usd))`,
      ),
    },
  },
  {
    name: 'cumulative_spend',
    unit: 'usd',
    form: {
      kind: 'money',
      total: interactions('sum(cost_usd)'),
      sample: interactions('countIf(isNotNull(cost_usd))'),
      per: null,
    },
  },
  {
    name: 'cache_hit_rate',
    unit: 'rate',
    form: share(
      interactions(`countIf(${LIVE} AND cache = 'hit')`),
      interactions(`countIf(${LIVE} AND cache IN ('hit', 'miss'))`),
      1,
    ),
  },
  {
    name: 'positive_feedback_percentage',
    unit: 'percentage',
    form: share(feedback("countIf(thumb = 'up')"), feedback("countIf(thumb != '')"), 100),
  },
  { name: 'avg_rating', unit: 'score', form: mean('feedback', 'assumeNotNull(rating)', 'isNotNull(rating)') },
  {
    name: 'task_completion_rate',
    unit: 'rate',
    form: share(
      feedback('countIf(task_completed = true)'),
      feedback('countIf(isNotNull(task_completed))'),
      1,
    ),
  },
  {
    name: 'groundedness_percentage',
    unit: 'percentage',
    form: mean('interactions', "scores['grounded']", GROUNDED, 100),
  },
  {
    name: 'hallucination_percentage',
    unit: 'percentage',
    form: share(
      interactions(`countIf(${GROUNDED} AND scores['grounded'] < ${HALLUCINATED_BELOW})`),
      interactions(`countIf(${GROUNDED})`),
      100,
    ),
  },
  {
    name: 'guardrail_trigger_percentage',
    unit: 'percentage',
    form: share(
      interactions(
        `countIf(${LIVE} AND arrayExists(action -> action != 'allow', mapKeys(findings_by_action)))`,
      ),
      live,
      100,
    ),
  },
  {
    // Personal data that reached the user: found in an answer and neither taken out nor held back.
    name: 'pii_exposure_percentage',
    unit: 'percentage',
    form: share(
      sum(
        'findings',
        "uniqExactIf(interaction, guardrail = 'pii' AND direction = 'output' AND action IN ('allow', 'flag'))",
      ),
      live,
      100,
    ),
  },
  {
    name: 'bias_incidents',
    unit: 'count',
    form: { kind: 'count', total: sum('bias', 'uniqExact(interaction)'), sample: live },
  },
  {
    name: 'refusal_rate',
    unit: 'rate',
    form: share(interactions(`countIf(${ANSWERED} AND refused)`), answered, 1),
  },
  {
    name: 'avg_response_length',
    unit: 'characters',
    form: mean('interactions', 'response_characters', ANSWERED),
  },
  {
    name: 'truncation_rate',
    unit: 'rate',
    form: share(interactions(`countIf(${ANSWERED} AND finish_reason = 'length')`), answered, 1),
  },
  {
    // A label says so, or words come with a thumb down or at most two stars.
    name: 'complaint_rate',
    unit: 'rate',
    form: share(
      feedback(
        "uniqExactIf(interaction, has(labels, 'complaint') OR (comment != '' AND (thumb = 'down' OR ifNull(rating, 5) <= 2)))",
      ),
      live,
      1,
    ),
  },
  {
    name: 'judge_score',
    unit: 'score',
    form: mean('scores', 'assumeNotNull(score)', "startsWith(scorer, 'judge:') AND isNotNull(score)"),
  },
  { name: 'human_score', unit: 'score', form: mean('ratings', 'value', '1') },
];

const byName = new Map(METRICS.map((metric) => [metric.name, metric]));

/** Undefined for a name that is no metric. */
export function findMetric(name: string): Metric | undefined {
  return byName.get(name);
}

/** Every sum a metric is made of. */
export function sumsOf({ form }: Metric): readonly Sum[] {
  switch (form.kind) {
    case 'count':
      return [form.total, form.sample];
    case 'share':
      return [form.hits, form.of];
    case 'mean':
      return [form.mean, form.deviation, form.sample];
    case 'quantile':
      return [form.value, form.sample];
    case 'money':
      return form.per === null ? [form.total, form.sample] : [form.total, form.sample, form.per];
  }
}
