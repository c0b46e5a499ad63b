// Asks the evaluation gateway over HTTP, as an application would, and reads what came of it from the interaction's own row.
import { setTimeout as sleep } from 'node:timers/promises';
import { request, type Dispatcher } from 'undici';
import { z } from 'zod';
import type { EndRow } from '../contract/interaction.ts';
import type { AskGateway, CallOutcome, GatewayCall } from '../evaluation/run/gateway-call.ts';
import { messageOf } from '../kernel/errors.ts';
import type { CallSlots } from './call-slots.ts';

export interface EvaluationClientParts {
  readonly url: string;
  readonly agent: Dispatcher;
  readonly takeEnd: (interaction: string) => EndRow | undefined;
  /** Freed by whoever sees a call's end row; here, where there is none. */
  readonly slots: CallSlots;
}

const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z.array(z.unknown()).nullish(),
        }),
      }),
    )
    .min(1),
});

const errorSchema = z.object({ error: z.object({ code: z.string().nullish(), message: z.string() }) });

/** Between two tries of a call that waits for room under the ceiling. */
const ROOM_PAUSE_MS = 20;

function bodyOf({ question, tags }: GatewayCall): string {
  const metadata = { tags: tags.join(',') };
  if (question.kind === 'prompt')
    return JSON.stringify({
      prompt: { id: question.prompt, version: question.label, variables: question.variables },
      metadata,
    });
  return JSON.stringify({
    model: question.model,
    messages: [{ role: 'user', content: question.text }],
    temperature: question.temperature,
    max_tokens: question.maxTokens,
    metadata,
  });
}

export function evaluationClient(parts: EvaluationClientParts): AskGateway {
  return async (call) => {
    const body = bodyOf(call);
    for (;;) {
      const outcome = await askOnce(body, call, parts);
      if (outcome !== 'wait') return outcome;
      await sleep(ROOM_PAUSE_MS);
    }
  };
}

async function askOnce(
  body: string,
  call: GatewayCall,
  { url, agent, takeEnd, slots }: EvaluationClientParts,
): Promise<CallOutcome | 'wait'> {
  await slots.take();
  let end: EndRow | undefined;
  try {
    const answer = await request(`${url}/v1/chat/completions`, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-binnacle-cache': 'off' },
      body,
      signal: call.signal,
    });
    const text = await answer.body.text();
    const interaction = headerOf(answer.headers['x-binnacle-interaction']);
    end = interaction === null ? undefined : takeEnd(interaction);
    if (answer.statusCode === 200 && end !== undefined) return answered(text, end);
    const retryAfter = Number(headerOf(answer.headers['retry-after']) ?? Number.NaN);
    return refused(answer.statusCode, text, end, Number.isFinite(retryAfter) ? retryAfter * 1000 : null);
  } catch (error) {
    return failure('unreachable', messageOf(error), undefined, !call.signal.aborted, null);
  } finally {
    if (end === undefined) slots.free();
  }
}

function headerOf(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function measuresOf(end: EndRow) {
  const { id, model, route, attempts, findings, usage, cost_usd, latency_ms, ttft_ms } = end;
  return { interaction: id, model, route, attempts, findings, usage, cost_usd, latency_ms, ttft_ms };
}

function answered(body: string, end: EndRow): CallOutcome {
  const message = answerSchema.parse(JSON.parse(body)).choices[0]?.message;
  const calls = message?.tool_calls ?? [];
  const spoken = message?.content ?? message?.refusal ?? '';
  const text = spoken === '' && calls.length > 0 ? JSON.stringify(calls) : spoken;
  return { status: 'answered', text, ...measuresOf(end) };
}

function refused(
  status: number,
  body: string,
  end: EndRow | undefined,
  retryAfterMs: number | null,
): CallOutcome | 'wait' {
  const error = readError(body);
  const code = error?.code ?? `http_${status}`;
  const message = error?.message ?? `the gateway answered ${status}`;
  if (code === 'ceiling_wait') return 'wait';
  if (code === 'ceiling_over' || code === 'ceiling_unpriced') return { status: 'over_ceiling', message };
  if (end?.status === 'blocked') return { status: 'blocked', message, ...measuresOf(end) };
  return failure(code, message, end, status === 429 || status >= 500, retryAfterMs);
}

function readError(
  body: string,
): { readonly code?: string | null | undefined; readonly message: string } | null {
  try {
    const parsed = errorSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data.error : null;
  } catch {
    return null; // not JSON: the status alone tells
  }
}

function failure(
  code: string,
  message: string,
  end: EndRow | undefined,
  isRetryable: boolean,
  retryAfterMs: number | null,
): CallOutcome {
  return {
    status: 'failed',
    interaction: end?.id ?? null,
    attempts: end?.attempts ?? [],
    cost_usd: end?.cost_usd ?? null,
    code,
    message,
    isRetryable,
    retryAfterMs,
  };
}
