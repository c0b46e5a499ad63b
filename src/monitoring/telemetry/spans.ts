// Ledger rows as spans: one for each interaction, and under it one client span for each upstream call, with the attributes of the GenAI
// conventions. Texts are never exported. Pure.
import { SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { attemptContext, callAttributes, hrTime, interactionContext, SCOPE, tokensOf } from './gen-ai.ts';
import type { CallRow, ProviderKind } from './telemetry-rows.ts';

type SpanFacts = Pick<ReadableSpan, 'name' | 'kind' | 'status' | 'attributes' | 'resource'> & {
  readonly context: ReturnType<typeof interactionContext>;
  readonly parent?: ReturnType<typeof interactionContext>;
  readonly from: number;
  readonly to: number;
};

function span({ context, parent, from, to, ...facts }: SpanFacts): ReadableSpan {
  return {
    ...facts,
    spanContext: () => context,
    ...(parent === undefined ? {} : { parentSpanContext: parent }),
    startTime: hrTime(from),
    endTime: hrTime(to),
    duration: hrTime(to - from),
    ended: true,
    links: [],
    events: [],
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Spans of the calls, those of an interaction once each. */
export function spansOf(rows: readonly CallRow[], kindOf: ProviderKind, resource: Resource): ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  const seen = new Set<string>();
  for (const row of rows) {
    if (!seen.has(row.interaction)) {
      seen.add(row.interaction);
      spans.push(interactionSpan(row, resource));
    }
    if (row.attempt !== '') spans.push(callSpan(row, kindOf, resource));
  }
  return spans;
}

function interactionSpan(row: CallRow, resource: Resource): ReadableSpan {
  const failed = row.status === 'error' || row.status === 'interrupted';
  const optional: Attributes = {
    ...(row.prompt === ''
      ? {}
      : { 'gen_ai.prompt.name': row.prompt, 'binnacle.prompt.version': row.version }),
    ...(row.variant === '' ? {} : { 'binnacle.variant': row.variant }),
    ...(row.session === '' ? {} : { 'gen_ai.conversation.id': row.session }),
    ...(row.cost_usd === null ? {} : { 'binnacle.cost_usd': row.cost_usd }),
    ...(failed ? { 'error.type': row.interaction_error || '_OTHER' } : {}),
  };
  return span({
    name: `binnacle ${row.shape}`,
    kind: SpanKind.SERVER,
    context: interactionContext(row.interaction),
    from: row.at,
    to: Math.max(row.at, row.ended_at),
    status: { code: failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: {
      'binnacle.interaction': row.interaction,
      'binnacle.status': row.status,
      'binnacle.model': row.model,
      'binnacle.route': row.route,
      ...optional,
    },
    resource,
  });
}

function callSpan(row: CallRow, kindOf: ProviderKind, resource: Resource): ReadableSpan {
  const shared = callAttributes(row, kindOf);
  const tokens = tokensOf(row);
  const usage: Attributes =
    tokens === null
      ? {}
      : {
          'gen_ai.usage.input_tokens': tokens.input,
          'gen_ai.usage.output_tokens': tokens.output,
          'gen_ai.usage.cache_read.input_tokens': row.cache_read,
          'gen_ai.usage.cache_creation.input_tokens': row.cache_write,
          ...(row.reasoning === 0 ? {} : { 'gen_ai.usage.reasoning.output_tokens': row.reasoning }),
        };
  const answered = row.error_kind === '';
  return span({
    name: `${String(shared['gen_ai.operation.name'])} ${row.upstream_model}`,
    kind: SpanKind.CLIENT,
    context: attemptContext(row.interaction, row.attempt),
    parent: interactionContext(row.interaction),
    from: row.started_at,
    to: row.started_at + row.latency_ms,
    status: { code: answered ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
    attributes: {
      ...shared,
      'gen_ai.response.id': row.interaction,
      ...(row.streamed ? { 'gen_ai.request.stream': true } : {}),
      ...(row.streamed && row.ttft_ms !== null
        ? { 'gen_ai.response.time_to_first_chunk': row.ttft_ms / 1000 }
        : {}),
      ...(answered && row.finish_reason !== ''
        ? { 'gen_ai.response.finish_reasons': [row.finish_reason] }
        : {}),
      ...(row.session === '' ? {} : { 'gen_ai.conversation.id': row.session }),
      ...usage,
    },
    resource,
  });
}
