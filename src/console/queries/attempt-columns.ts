// An attempt as the ledger's columns hold it, and how it is read from them: with usage as one record and money exact.
import type { Attempt } from '../../contract/interaction.ts';
import type { Usage } from '../../contract/usage.ts';
import { formatUsd, parseUsd } from '../../kernel/money.ts';

export type UsageColumns = Usage & { readonly usage_known: boolean };

/** The columns of `UsageColumns`, for a SELECT. */
export const USAGE_COLUMNS = 'usage_known, input, cache_read, cache_write, output, reasoning';

export type AttemptColumns = Omit<Attempt, 'usage' | 'provider' | 'model' | 'started_at'> &
  UsageColumns & {
    readonly attempt_provider: string;
    readonly attempt_model: string;
    readonly started_ms: number;
  };

/** The ledger pads decimals with zeros; everybody else writes the shortest form. */
export function exactUsd(usd: string | null): string | null {
  return usd === null ? null : formatUsd(parseUsd(usd));
}

export function usageOf(row: UsageColumns): Usage | null {
  const { usage_known, input, cache_read, cache_write, output, reasoning } = row;
  return usage_known ? { input, cache_read, cache_write, output, reasoning } : null;
}

export function attemptOf(row: AttemptColumns): Attempt {
  const { id, upstream_model, latency_ms, ttft_ms, http_status, usage_source } = row;
  return {
    id,
    provider: row.attempt_provider,
    model: row.attempt_model,
    upstream_model,
    answered_model: row.answered_model === '' ? null : row.answered_model,
    fingerprint: row.fingerprint === '' ? null : row.fingerprint,
    started_at: row.started_ms,
    latency_ms,
    ttft_ms,
    http_status,
    error_kind: row.error_kind === '' ? null : row.error_kind,
    usage: usageOf(row),
    usage_source,
    cost_usd: exactUsd(row.cost_usd),
  };
}
