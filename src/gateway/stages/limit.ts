// Stages: requests and tokens a minute and concurrent requests of the key, the end user, the prompt and the workspace; and, once it is
// known, the tokens that were really used.
import { BinnacleError } from '../../kernel/errors.ts';
import { following, type Soon } from '../../kernel/soon.ts';
import {
  isRateRefusal,
  type RateKeeper,
  type RateRefusal,
  type Remaining,
} from '../../limits/rate-keeper.ts';
import type { Weighing } from '../../limits/weighing.ts';
import { callerOf, promptTokens } from '../caller.ts';
import type { Exchange } from '../exchange.ts';
import type { Stage } from '../stage.ts';

export interface LimitServices {
  readonly rates: RateKeeper;
}

const HEADERS = {
  requests: ['x-ratelimit-limit-requests', 'x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  tokens: ['x-ratelimit-limit-tokens', 'x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
} as const;

/** Whole milliseconds as seconds; by whole numbers, since putting fractions into digits takes longer than all that is counted. */
function secondsText(milliseconds: number): string {
  const rest = milliseconds % 1000;
  const seconds = (milliseconds - rest) / 1000;
  return rest === 0 ? `${seconds}s` : `${seconds}.${String(rest).padStart(3, '0')}s`;
}

function addHeaders(headers: string[], kind: 'requests' | 'tokens', left: Remaining | null): void {
  if (left === null) return;
  const [limit, remaining, reset] = HEADERS[kind];
  headers.push(limit, String(left.limit), remaining, String(left.remaining));
  headers.push(reset, secondsText(Math.ceil(left.resetMs)));
}

const WORDS = { requests: 'requests a minute', tokens: 'tokens a minute', concurrent: 'concurrent requests' };

function rateLimited({ rule, kind, retryAfterMs }: RateRefusal): BinnacleError {
  const most = {
    requests: rule.requestsPerMinute,
    tokens: rule.tokensPerMinute,
    concurrent: rule.concurrent,
  }[kind];
  const whose = rule.subject === 'workspace' ? 'the workspace' : `this ${rule.subject}`;
  return new BinnacleError({
    code: 'rate_limit_exceeded',
    message: `The limit "${rule.name}" of ${whose} is reached: ${most} ${WORDS[kind]}.`,
    httpStatus: 429,
    isRetryable: true,
    retryAfterSeconds: Math.max(1, retryAfterMs / 1000),
  });
}

/** Tokens a request may take: its prompt and the answer it asks for. */
function tokensWanted(exchange: Exchange, weighing: Weighing): number {
  const { request, route, snapshot } = exchange;
  const { maxOutputTokens = 0, count = 1 } = request;
  const model = snapshot.models.get(route?.model ?? request.model ?? '');
  const output = exchange.kind === 'embeddings' ? 0 : maxOutputTokens * count;
  return promptTokens(exchange, model, weighing) + output;
}

function takeLimits(exchange: Exchange, { rates }: LimitServices): Soon<void> {
  const rules = exchange.snapshot.snapshot.limits;
  return following(
    rates.take(rules, callerOf(exchange), (weighing) => tokensWanted(exchange, weighing)),
    (taken) => {
      if (taken === null) return;
      addHeaders(exchange.replyHeaders, 'requests', taken.figures.requests);
      addHeaders(exchange.replyHeaders, 'tokens', taken.figures.tokens);
      if (isRateRefusal(taken)) throw rateLimited(taken);
      exchange.rates = taken;
    },
  );
}

/** What its attempts used; where that is not known and the vendor may have worked, what was taken. */
function tokensUsed(exchange: Exchange, taken: number): number {
  let used = 0;
  for (const { usage, usage_source } of exchange.attempts) {
    if (usage !== null)
      used += usage.input + usage.cache_read + usage.cache_write + usage.output + usage.reasoning;
    else if (usage_source === 'reserved') used += taken;
  }
  return used;
}

export function limit(services: LimitServices): Stage {
  return {
    name: 'limit',
    enter(exchange) {
      return exchange.snapshot.snapshot.limits.length === 0 ? undefined : takeLimits(exchange, services);
    },
  };
}

export function settleLimits({ rates }: LimitServices): Stage {
  return {
    name: 'settle limits',
    complete(exchange) {
      const hold = exchange.rates;
      if (hold === null) return undefined;
      exchange.rates = null;
      return rates.settle(hold, tokensUsed(exchange, hold.taken));
    },
  };
}
