// What is exported of the ledger: attempts (each an upstream call), and scores that judges and scorers gave.

/** One upstream call with its interaction. Times are UTC milliseconds. */
export interface CallRow {
  readonly interaction: string;
  readonly attempt: string;
  readonly at: number;
  readonly ended_at: number;
  readonly status: string;
  readonly interaction_error: string;
  readonly shape: string;
  readonly streamed: boolean;
  readonly prompt: string;
  readonly version: string;
  readonly variant: string;
  readonly model: string;
  readonly route: string;
  readonly session: string;
  readonly finish_reason: string;
  readonly cost_usd: string | null;
  readonly provider: string;
  readonly upstream_model: string;
  readonly answered_model: string;
  readonly started_at: number;
  readonly latency_ms: number;
  readonly ttft_ms: number | null;
  readonly error_kind: string;
  readonly usage_known: boolean;
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly output: number;
  readonly reasoning: number;
}

export interface ScoreEventRow {
  readonly id: string;
  readonly interaction: string;
  readonly came_at: number;
  readonly scorer: string;
  readonly score: number | null;
  readonly reason: string;
}

/** The kind of a provider (`openai`, `anthropic`, …) by its name in models.yaml. */
export type ProviderKind = (provider: string) => string;
