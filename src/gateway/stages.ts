// The way of a request, in order. This array is the whole of it: what is not here does not happen.
import { answer, type AnswerServices } from './stages/answer.ts';
import { authenticate, type AuthenticateServices } from './stages/authenticate.ts';
import { call, type CallServices } from './stages/call.ts';
import { record, recordBegin, type RecordServices } from './stages/record.ts';
import { renderPrompt } from './stages/render.ts';
import { reserve, settleBudgets, type ReserveServices } from './stages/reserve.ts';
import { resolvePromptStage, type ResolvePromptServices } from './stages/resolve-prompt.ts';
import { route, type RouteServices } from './stages/route.ts';
import { settle } from './stages/settle.ts';
import type { Stage } from './stage.ts';

/** All that stages need of the outer world. */
export type StageServices = AuthenticateServices &
  ResolvePromptServices &
  RouteServices &
  ReserveServices &
  CallServices &
  RecordServices &
  AnswerServices;

export function gatewayStages(services: StageServices): readonly Stage[] {
  return [
    authenticate(services),
    // rate limit
    // idempotency
    resolvePromptStage(services),
    renderPrompt(),
    // guard input
    route(services),
    // cache
    reserve(services),
    recordBegin(services),
    call(services),
    // guard output
    settle(),
    settleBudgets(services),
    record(services),
    answer(services),
  ];
}
