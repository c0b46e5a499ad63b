// Stage: what it cost. Prices each attempt exactly from its usage; where an upstream may have worked and no usage is known, the
// reserved cost is kept.
import type { Attempt } from '../../contract/interaction.ts';
import type { UsageDetail } from '../../contract/usage.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import { formatUsd, parseUsd, type Usd } from '../../kernel/money.ts';
import { estimateRequestTokens, estimateTextTokens } from '../../models/estimate-tokens.ts';
import { priceUsage } from '../../models/price-usage.ts';
import type { Exchange, Outcome } from '../exchange.ts';
import { mayBeBilled } from '../kept-cost.ts';
import type { Stage } from '../stage.ts';
import { summariseResponse } from '../summary.ts';

function reportedUsage(exchange: Exchange): UsageDetail | null {
  const answer = exchange.answer;
  if (answer?.kind === 'embeddings') return answer.embeddings.usage;
  return exchange.summary.usage;
}

/** What a whole answer without usage will have used, near enough: some compatible servers report none. */
function estimatedUsage(exchange: Exchange): UsageDetail {
  const { text, refusal, toolCalls } = exchange.summary;
  const said = toolCalls.map((call) => call.name + call.arguments).join('') + text + refusal;
  const usage = {
    input: estimateRequestTokens(exchange.request),
    cache_read: 0,
    cache_write: 0,
    output: estimateTextTokens(said),
    reasoning: 0,
  };
  return { usage, raw: null };
}

function settleLast(exchange: Exchange, attempt: Attempt): void {
  const reported = reportedUsage(exchange);
  const usage = reported ?? (exchange.outcome?.status === 'ok' ? estimatedUsage(exchange) : null);
  const model = exchange.snapshot.models.get(attempt.model);
  attempt.answered_model = exchange.summary.model;
  attempt.fingerprint = exchange.summary.fingerprint;
  if (usage === null || model === undefined) {
    attempt.usage_source = 'reserved';
    attempt.cost_usd = exchange.reservedUsd === null ? null : formatUsd(exchange.reservedUsd);
    return;
  }
  const cost = priceUsage(model.settings.prices, usage, {
    at: attempt.started_at,
    busySeconds: attempt.latency_ms / 1000,
  });
  attempt.usage = usage.usage;
  attempt.usage_source = reported === null ? 'estimated' : 'reported';
  attempt.cost_usd = cost === null ? null : formatUsd(cost);
}

/** An attempt that gave no answer: free when the vendor refused it, at its reservation when it may have worked. */
function settleFailed(exchange: Exchange, attempt: Attempt): void {
  if (attempt.cost_usd !== null || attempt.usage_source === 'reserved') return;
  const billed = mayBeBilled(attempt.error_kind);
  attempt.usage_source = billed ? 'reserved' : 'none';
  if (!billed) attempt.cost_usd = '0';
  else attempt.cost_usd = exchange.reservedUsd === null ? null : formatUsd(exchange.reservedUsd);
}

function brokenOff(outcome: Outcome | null): string | null {
  return outcome?.status === 'error' && outcome.error instanceof UpstreamError ? outcome.error.kind : null;
}

function total(attempts: readonly Attempt[]): Usd | null {
  let sum = 0n;
  for (const attempt of attempts) {
    if (attempt.cost_usd === null) return null;
    sum += parseUsd(attempt.cost_usd);
  }
  return sum;
}

/** Prices and sums up; a stream that broke off is its attempt's failure. */
export function settle(): Stage {
  return {
    name: 'settle',
    inspect(exchange) {
      if (exchange.answer?.kind === 'response') summariseResponse(exchange.summary, exchange.answer.response);
      else if (exchange.answer?.kind === 'embeddings')
        exchange.summary.model = exchange.answer.embeddings.model;
    },
    complete(exchange) {
      const last = exchange.attempts.at(-1);
      if (last !== undefined && exchange.answer !== null && exchange.cache !== 'hit')
        settleLast(exchange, last);
      if (last !== undefined && last.error_kind === null) last.error_kind = brokenOff(exchange.outcome);
      for (const attempt of exchange.attempts) settleFailed(exchange, attempt);
      exchange.costUsd = total(exchange.attempts);
    },
  };
}
