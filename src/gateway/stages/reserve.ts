// Stage: the worst case of what the request may cost, fixed before the call: it is what an interaction costs whose usage never becomes
// known, and what is held in every budget that concerns the caller.
import type { Finding } from '../../contract/interaction.ts';
import type { TokenRates } from '../../contract/price.ts';
import type { Usage } from '../../contract/usage.ts';
import type { Clock } from '../../kernel/clock.ts';
import { BinnacleError, RequestError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { formatUsd, type Usd } from '../../kernel/money.ts';
import { following, type Soon } from '../../kernel/soon.ts';
import {
  isRefusal,
  type BudgetKeeper,
  type BudgetRefusal,
  type BudgetWarning,
} from '../../limits/budget-keeper.ts';
import type { Weighing } from '../../limits/weighing.ts';
import { priceUsage } from '../../models/price-usage.ts';
import { callerOf, promptTokens } from '../caller.ts';
import type { Exchange } from '../exchange.ts';
import type { ServingModel } from '../serving-snapshot.ts';
import type { Stage } from '../stage.ts';

/** Output tokens assumed where neither request nor models.yaml bounds them. */
const DEFAULT_OUTPUT_TOKENS = 4096;

export interface ReserveServices {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly budgets: BudgetKeeper;
  /** Hears of each interaction whose cost is now in its budgets, in the same turn. */
  readonly noteBudgetSettled?: (interaction: string) => void;
}

const isDearerIn = ({ cache_write, cache_write_1h }: TokenRates): boolean =>
  cache_write !== undefined || cache_write_1h !== undefined;

/** The most a request may cost on a model, each token in its dearest class; null where the model has no price. */
export function worstCase(
  exchange: Exchange,
  model: ServingModel,
  at: number,
  weighing: Weighing,
): Usd | null {
  const { request } = exchange;
  const bound = request.maxOutputTokens ?? model.settings.maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS;
  const output = exchange.kind === 'embeddings' ? 0 : bound * (request.count ?? 1);
  const input = promptTokens(exchange, model, weighing);
  const { prices } = model.settings;
  const price = (usage: Partial<Usage>, cacheWriteOneHour = 0): Usd | null =>
    priceUsage(
      prices,
      {
        usage: { input: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0, ...usage },
        cacheWriteOneHour,
        raw: null,
      },
      { at, busySeconds: 0 },
    );
  let dearest = price({ input, output });
  const consider = (other: Usd | null): void => {
    if (dearest !== null && other !== null && other > dearest) dearest = other;
  };
  if (prices.some(({ rates }) => rates !== null && isDearerIn(rates))) {
    consider(price({ cache_write: input, output }));
    consider(price({ cache_write: input, output }, input));
  }
  if (prices.some(({ rates }) => rates?.reasoning !== undefined))
    consider(price({ input, reasoning: output }));
  return dearest;
}

/** 429 that no retry will help before the period ends. */
export function budgetExceeded({ rule, spent, until }: BudgetRefusal, now: number): BinnacleError {
  const whose = rule.subject === 'workspace' ? 'the workspace' : `this ${rule.subject}`;
  return new BinnacleError({
    code: 'budget_exceeded',
    message: `The ${rule.period}'s budget "${rule.name}" of ${whose} (US$ ${rule.amountUsd}) has no room for this request: US$ ${formatUsd(spent)} are spent or held. It begins anew at ${new Date(until).toISOString()}.`,
    httpStatus: 429,
    isRetryable: false,
    retryAfterSeconds: (until - now) / 1000,
  });
}

export function unpricedRefused(model: string, budget: string): RequestError {
  return new RequestError({
    code: 'model_unpriced',
    message: `The model "${model}" has no known price, so it can't be used under the hard budget "${budget}": give it one in models.yaml.`,
    httpStatus: 403,
    param: 'model',
  });
}

export function reserve(services: ReserveServices): Stage {
  return {
    name: 'reserve',
    enter(exchange) {
      const model = exchange.snapshot.models.get(exchange.route?.model ?? '');
      return model === undefined ? undefined : holdWorstCase(exchange, model, services);
    },
  };
}

function holdWorstCase(
  exchange: Exchange,
  model: ServingModel,
  { clock, budgets }: ReserveServices,
): Soon<void> {
  const now = clock.now();
  const rules = exchange.snapshot.snapshot.budgets;
  const claims = rules.length === 0 ? [] : budgets.claims(rules, callerOf(exchange), exchange.arrivedAt);
  if (claims.length === 0) {
    exchange.reservedUsd = worstCase(exchange, model, now, 'estimated');
    return undefined;
  }
  const hard = claims.find(({ rule }) => rule.hard);
  const isBounded = exchange.request.maxOutputTokens !== undefined || model.settings.maxOutputTokens !== null;
  if (hard !== undefined && !isBounded && exchange.kind === 'chat')
    exchange.request = { ...exchange.request, maxOutputTokens: DEFAULT_OUTPUT_TOKENS };
  const weighed = (weighing: Weighing): Usd => {
    const amount = worstCase(exchange, model, now, weighing);
    if (amount === null && hard !== undefined) throw unpricedRefused(model.name, hard.rule.name);
    exchange.reservedUsd = amount;
    return amount ?? 0n;
  };
  return following(budgets.reserve(claims, weighed), (hold) => {
    if (isRefusal(hold)) throw budgetExceeded(hold, now);
    exchange.budget = hold;
  });
}

/** Stage: budgets get the exact cost in the place of what was held; a soft line that it crossed is recorded with the interaction. */
export function settleBudgets({ budgets, logger, noteBudgetSettled }: ReserveServices): Stage {
  return {
    name: 'settle budgets',
    complete(exchange) {
      const hold = exchange.budget;
      if (hold === null) return undefined;
      exchange.budget = null;
      noteBudgetSettled?.(exchange.id);
      return following(budgets.settle(hold, exchange.costUsd ?? 0n), (warnings) => {
        for (const warning of warnings) {
          exchange.findings.push(warningFinding(warning));
          logger.log('warn', 'budget warning', { ...warning });
        }
      });
    },
  };
}

function warningFinding({ budget, percentage }: BudgetWarning): Finding {
  return {
    guardrail: 'budget',
    type: `BUDGET_${percentage}_PERCENT`,
    direction: 'input',
    start: 0,
    end: 0,
    score: 1,
    action: 'flag',
    place: budget,
  };
}
