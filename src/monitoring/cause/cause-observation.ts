// What the search for a cause looks at: one interaction before or after the change, with the things that could have moved.

/** Whose mix counts as traffic: what came in, before anything was decided. */
export const TRAFFIC_DIMENSIONS = ['prompt', 'topic', 'language', 'length', 'user_group'] as const;
export type TrafficDimension = (typeof TRAFFIC_DIMENSIONS)[number];

export interface CauseObservation {
  /** The metric's value on this interaction: tokens, milliseconds, dollars, 0 or 1. */
  readonly value: number;
  readonly traffic: Readonly<Record<TrafficDimension, string>>;
  /** `name@version`. */
  readonly promptVersion: string;
  /** Rollout stage, experiment variant or label that served; empty outside of them. */
  readonly variant: string;
  /** Id of models.yaml the request was routed to. */
  readonly model: string;
  /** What the vendor says it is: answered model and fingerprint. */
  readonly modelVersion: string;
  /** Marks the price row that applied: its date of effect. */
  readonly price: string;
  readonly provider: string;
  /** Milliseconds the provider took for its answer; null where it was not called. */
  readonly providerLatencyMs: number | null;
  /** Whether the provider failed at least once on the way. */
  readonly providerFailed: boolean;
}

/** What can be named as a cause. */
export type CauseName =
  | 'traffic_mix'
  | 'prompt_version'
  | 'variant'
  | 'routing'
  | 'model_version'
  | 'price'
  | 'provider_latency'
  | 'provider_errors'
  /** The same model version answers otherwise than it did: nothing that was recorded moved, yet the outcome did. */
  | 'upstream_behaviour';

/** A factor whose levels decide the value, and what it is decided by itself. */
export interface Factor {
  readonly name: Exclude<
    CauseName,
    'provider_latency' | 'provider_errors' | 'upstream_behaviour' | 'traffic_mix'
  >;
  readonly level: (observation: CauseObservation) => string;
  /** Within these strata its shares would stay the same if it had not moved itself; each list is one way to stratify. */
  readonly given: readonly ((observation: CauseObservation) => string)[];
}

const byTraffic = TRAFFIC_DIMENSIONS.map(
  (dimension) => (observation: CauseObservation) => observation.traffic[dimension],
);

/** In causal order: each is decided by those before it. */
export const FACTORS: readonly Factor[] = [
  { name: 'prompt_version', level: (one) => one.promptVersion, given: [(one) => one.traffic.prompt] },
  { name: 'variant', level: (one) => one.variant, given: [(one) => one.traffic.prompt] },
  {
    name: 'routing',
    level: (one) => one.model,
    given: byTraffic.map(
      (traffic) => (one) => `${traffic(one)}\u0000${one.promptVersion}\u0000${one.variant}`,
    ),
  },
  { name: 'model_version', level: (one) => one.modelVersion, given: [(one) => one.model] },
  { name: 'price', level: (one) => one.price, given: [(one) => `${one.model}\u0000${one.modelVersion}`] },
];
