// The way of a request, in order. This array is the whole of it: what is not here does not happen.
import { answer, type AnswerServices } from './stages/answer.ts';
import { authenticate, type AuthenticateServices } from './stages/authenticate.ts';
import { cache, type CacheServices } from './stages/cache.ts';
import { call, type CallServices } from './stages/call.ts';
import { guardInput, type GuardServices } from './stages/guard-input.ts';
import { guardOutput } from './stages/guard-output.ts';
import { idempotency, type IdempotencyServices } from './stages/idempotency.ts';
import { limit, settleLimits, type LimitServices } from './stages/limit.ts';
import { record, recordBegin, type RecordServices } from './stages/record.ts';
import { renderPrompt } from './stages/render.ts';
import { reserve, settleBudgets, type ReserveServices } from './stages/reserve.ts';
import { resolvePromptStage, type ResolvePromptServices } from './stages/resolve-prompt.ts';
import { route, type RouteServices } from './stages/route.ts';
import { settle } from './stages/settle.ts';
import { throttle, type ThrottleServices } from './stages/throttle.ts';
import type { Stage } from './stage.ts';

/** All that stages need of the outer world. */
export type StageServices = AuthenticateServices &
  IdempotencyServices &
  LimitServices &
  CacheServices &
  ResolvePromptServices &
  ThrottleServices &
  GuardServices &
  RouteServices &
  ReserveServices &
  CallServices &
  RecordServices &
  AnswerServices;

export function gatewayStages(services: StageServices): readonly Stage[] {
  const replays = idempotency(services);
  const answers = cache(services);
  return [
    authenticate(services),
    replays.look,
    throttle(services),
    resolvePromptStage(services),
    renderPrompt(),
    limit(services),
    guardInput(services),
    route(services),
    answers.look,
    reserve(services),
    recordBegin(services),
    call(services),
    guardOutput(),
    settle(),
    settleBudgets(services),
    settleLimits(services),
    answers.keep,
    record(services),
    replays.keep,
    answer(services),
  ];
}

/** The way of what guardrails ask of models: held for in the workspace's budgets, called, priced and recorded; never screened itself. */
export function judgeStages(services: StageServices): readonly Stage[] {
  return [
    reserve(services),
    recordBegin(services),
    call(services),
    settle(),
    settleBudgets(services),
    record(services),
  ];
}
