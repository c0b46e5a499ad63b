// The metric names: the same in alerts, experiments, rollouts, prompt files, pages and the API.

export const METRIC_NAMES = [
  'requests',
  'error_rate',
  'blocked_rate',
  'latency_p50',
  'latency_p90',
  'latency_p99',
  'ttft_p50',
  'ttft_p90',
  'ttft_p99',
  'avg_tokens_per_request',
  'total_tokens',
  'cost_per_request',
  'cost_per_user',
  'cumulative_spend',
  'cache_hit_rate',
  'positive_feedback_percentage',
  'avg_rating',
  'task_completion_rate',
  'groundedness_percentage',
  'hallucination_percentage',
  'guardrail_trigger_percentage',
  'pii_exposure_percentage',
  'bias_incidents',
  'refusal_rate',
  'avg_response_length',
  'truncation_rate',
  'complaint_rate',
  'judge_score',
  'human_score',
] as const;

/** The kinds `error_rate` can be split by, as `error_rate:timeout`. */
export const ERROR_RATE_KINDS = ['api_error', 'timeout', 'rate_limited'] as const;

/** What a metric can be split by. */
export const METRIC_DIMENSIONS = [
  'prompt',
  'version',
  'model',
  'provider',
  'route',
  'variant',
  'user',
  'key',
  'workload',
] as const;
