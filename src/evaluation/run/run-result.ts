// What a run found: each answer with its scores, and each target with its numbers. Written as one JSON document beside the journal.
import type { ScorerUse, Target } from '../suite.ts';
import type { GivenScore } from './answer-scorer.ts';
import type { CallOutcome } from './gateway-call.ts';
import type { MeanEstimate } from './estimate-mean.ts';

export interface RunAnswer {
  readonly case: number;
  /** Index into `targets`. */
  readonly target: number;
  readonly repeat: number;
  readonly outcome: CallOutcome;
  /** Whether an answer paid for earlier stood for it. */
  readonly was_kept: boolean;
  readonly scores: readonly GivenScore[];
  /** Weighted mean of the scores, 0..1; null where there is none: never a number for a failure. */
  readonly quality: number | null;
  readonly unsafe: boolean;
}

export interface RunCase {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly weight: number;
}

export interface ScorerSummary {
  readonly scorer: string;
  readonly score: MeanEstimate | null;
  /** Answers at or above the scorer's threshold, of those scored; null without a threshold. */
  readonly passed: number | null;
  readonly scored: number;
  /** Answers the scorer could not grade. */
  readonly failed: number;
}

export interface TargetSummary {
  readonly target: string;
  readonly quality: MeanEstimate | null;
  readonly scorers: readonly ScorerSummary[];
  readonly answered: number;
  readonly blocked: number;
  readonly failed: number;
  readonly not_asked: number;
  /** Failures by code. */
  readonly failures: Readonly<Record<string, number>>;
  readonly unsafe: number;
  /** Exact mean of US$ a finished request, as a decimal string; null where one has no known price or none was finished. */
  readonly cost_per_request_usd: string | null;
  readonly cost_interval_usd: readonly [number, number] | null;
  readonly total_cost_usd: string | null;
  readonly latency_p50_ms: number | null;
  readonly latency_p99_ms: number | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly simulated: boolean;
}

export interface RunResult {
  readonly run: string;
  readonly suite: string;
  /** ISO date-times. */
  readonly started_at: string;
  readonly ended_at: string;
  readonly elapsed_ms: number;
  readonly status: 'complete' | 'over_ceiling' | 'stopped';
  readonly targets: readonly Target[];
  readonly scorers: readonly ScorerUse[];
  readonly pass_threshold: number | null;
  readonly cases: readonly RunCase[];
  readonly repeats: number;
  readonly answers: readonly RunAnswer[];
  readonly summaries: readonly TargetSummary[];
  /** Decimal strings of US$: paid by this run for answers and judges, and what was kept from earlier. */
  readonly spent_usd: string;
  readonly calls_made: number;
  readonly calls_kept: number;
}
