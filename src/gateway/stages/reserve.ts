// Stage: the worst case of what the request may cost, fixed before the call: it is what an interaction costs whose usage never becomes
// known, and what budgets reserve.
import { estimateRequestTokens } from '../../models/estimate-tokens.ts';
import { priceUsage } from '../../models/price-usage.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Usd } from '../../kernel/money.ts';
import type { Exchange } from '../exchange.ts';
import type { ServingModel } from '../serving-snapshot.ts';
import type { Stage } from '../stage.ts';

/** Output tokens assumed where neither request nor models.yaml bounds them. */
const DEFAULT_OUTPUT_TOKENS = 4096;

/** The most a request may cost on a model, by estimated prompt tokens and its output bound; null where the model has no price. */
export function worstCase(exchange: Exchange, model: ServingModel, at: number): Usd | null {
  const { request } = exchange;
  const bound = request.maxOutputTokens ?? model.settings.maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS;
  const output = exchange.kind === 'embeddings' ? 0 : bound * (request.count ?? 1);
  const usage = {
    input: estimateRequestTokens(request),
    cache_read: 0,
    cache_write: 0,
    output,
    reasoning: 0,
  };
  return priceUsage(model.settings.prices, { usage, raw: null }, { at, busySeconds: 0 });
}

export function reserve(clock: Clock): Stage {
  return {
    name: 'reserve',
    enter(exchange) {
      const model = exchange.snapshot.models.get(exchange.route?.model ?? '');
      exchange.reservedUsd = model === undefined ? null : worstCase(exchange, model, clock.now());
    },
  };
}
