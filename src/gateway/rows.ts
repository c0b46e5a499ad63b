// The interaction's rows from an exchange: what is known when it begins, and the whole of it at its end. Values in, values out.
import type { Message, Part } from '../contract/canonical.ts';
import type { BeginRow, EndRow } from '../contract/interaction.ts';
import { UpstreamError } from '../contract/upstream-error.ts';
import type { BinnacleError } from '../kernel/errors.ts';
import { formatUsd, type Usd } from '../kernel/money.ts';
import { userPseudonym } from '../kernel/user-pseudonym.ts';
import type { Exchange, Outcome } from './exchange.ts';
import { redactStructured } from './guard/stored-text.ts';
import { keptUsd } from './kept-cost.ts';

/** What is stored of one text, UTF-16 units; the rest is cut off with a mark. */
const MAX_STORED_TEXT = 256 * 1024;

/** Makes a stored text harmless. */
export type RedactText = (text: string) => string;

/** What is stored of payloads, and what is done to their texts first; null: nothing. */
export interface StoredTexts {
  readonly payloads: 'full' | 'redacted' | 'none';
  readonly redact: RedactText | null;
}

function usdText(amount: Usd | null): string | null {
  return amount === null ? null : formatUsd(amount);
}

/** The most it may cost: what the first attempts, `past` of them, may be billed, and the present or next one. */
function mostUsd({ attempts, reservedUsd }: Exchange, past: number): Usd | null {
  if (past <= 0 || reservedUsd === null) return reservedUsd;
  return reservedUsd + keptUsd({ attempts: attempts.slice(0, past) });
}

const asItStands: RedactText = (text) => text;

/** Who and what for, as privacy lets it be recorded. */
function labelsOf(exchange: Exchange): Pick<BeginRow, 'end_user' | 'session' | 'tags'> {
  const { asker, prompt, request, snapshot, tags } = exchange;
  const privacy = prompt?.payloads ?? snapshot.snapshot.privacy.payloads;
  const hide = privacy === 'full' ? asItStands : redactStructured;
  const user = asker?.user ?? request.endUser ?? '';
  return {
    end_user: hide(user) === user ? user : userPseudonym(user, snapshot.snapshot.workspace.name),
    session: hide(request.metadata['session_id'] ?? ''),
    tags: tags.map(hide),
  };
}

/** The model that serves, or was asked for; what is no model here is any text, and not recorded. */
function modelOf({ route, request, snapshot }: Exchange): string {
  const asked = request.model ?? '';
  return route?.model ?? (asked === 'auto' || snapshot.models.has(asked) ? asked : '');
}

export function beginRow(exchange: Exchange): BeginRow {
  return openingRow(exchange, exchange.attempts.length);
}

/** `past`: how many of the attempts are over. */
function openingRow(exchange: Exchange, past: number): BeginRow {
  const labels = labelsOf(exchange);
  return {
    row: 'begin',
    id: exchange.id,
    at: exchange.arrivedAt,
    workspace: exchange.snapshot.snapshot.workspace.name,
    key: exchange.key?.id ?? exchange.asker?.keyId ?? '',
    shape: exchange.kind === 'embeddings' ? 'openai-embeddings' : exchange.shape.shape,
    streamed: exchange.request.stream,
    prompt: exchange.prompt?.name ?? exchange.asker?.prompt ?? '',
    version: exchange.prompt?.version ?? exchange.asker?.version ?? '',
    variant: exchange.variant,
    model: modelOf(exchange),
    route: exchange.route?.reason ?? '',
    end_user: labels.end_user,
    session: labels.session,
    tags: labels.tags,
    workload: exchange.workload,
    sensitive: exchange.sensitive,
    reserved_usd: usdText(mostUsd(exchange, past)),
  };
}

/** Which kind of failure an error counts as. */
export function errorKind(error: BinnacleError): string {
  if (error instanceof UpstreamError) {
    if (error.kind === 'timeout' || error.kind === 'rate_limited') return error.kind;
    return error.kind === 'invalid_request' ? 'client_error' : 'api_error';
  }
  if (error.httpStatus === 429) return 'rate_limited';
  if (error.code === 'blocked_by_guardrail') return 'guardrail';
  return error.httpStatus < 500 ? 'client_error' : 'api_error';
}

function failure(outcome: Outcome | null): BinnacleError | null {
  return outcome !== null && (outcome.status === 'error' || outcome.status === 'blocked')
    ? outcome.error
    : null;
}

function httpStatus(exchange: Exchange, error: BinnacleError | null): number {
  if (exchange.outcome?.status === 'disconnected') return 499;
  if (exchange.reply.isCommitted) return 200;
  return error === null ? 200 : error.httpStatus;
}

function cut(text: string): string {
  return text.length <= MAX_STORED_TEXT ? text : `${text.slice(0, MAX_STORED_TEXT)}…`;
}

function storedPart(part: Part, redact: RedactText): unknown {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return { type: part.type, text: cut(redact(part.text)) };
    case 'image':
    case 'document':
      return {
        type: part.type,
        source: part.source.kind === 'url' ? cut(redact(part.source.url)) : `(${part.source.kind})`,
      };
    case 'audio':
      return { type: part.type, source: '(base64)' };
    case 'tool-call':
      return { type: part.type, id: part.id, name: part.name, arguments: cut(redact(part.arguments)) };
    case 'tool-result':
      return { type: part.type, id: part.id, content: part.parts.map((inner) => storedPart(inner, redact)) };
    case 'opaque':
      return { type: part.type };
  }
}

function storedMessage(message: Message, redact: RedactText): unknown {
  const only = message.parts[0];
  const content =
    message.parts.length === 1 && only?.type === 'text'
      ? cut(redact(only.text))
      : message.parts.map((part) => storedPart(part, redact));
  return { role: message.role, content };
}

/** `{messages: [{role, content}], question?, variables?}` as JSON text. */
function requestPayload(exchange: Exchange, redact: RedactText): string {
  const variables = exchange.request.prompt?.variables;
  return JSON.stringify({
    messages: exchange.request.messages.map((message) => storedMessage(message, redact)),
    ...(variables === undefined
      ? {}
      : {
          question: cut(redact(exchange.question)),
          variables: Object.fromEntries(
            Object.entries(variables).map(([name, value]) => [name, cut(redact(value))]),
          ),
        }),
  });
}

/** `{text, refusal?, tool_calls?}` as JSON text. */
function responsePayload(exchange: Exchange, redact: RedactText): string {
  const { text, refusal, toolCalls } = exchange.summary;
  return JSON.stringify({
    text: cut(redact(text)),
    ...(refusal === '' ? {} : { refusal: cut(redact(refusal)) }),
    ...(toolCalls.length === 0
      ? {}
      : { tool_calls: toolCalls.map((one) => ({ name: one.name, arguments: cut(redact(one.arguments)) })) }),
  });
}

function payloads(exchange: Exchange, stored: StoredTexts): { request: string; response: string } {
  if (stored.payloads === 'none') return { request: '', response: '' };
  const apply = stored.redact ?? asItStands;
  return { request: requestPayload(exchange, apply), response: responsePayload(exchange, apply) };
}

/** The finished interaction; `monotonic` is the moment of its end. It ends as long after its beginning as it took, whatever was done to the clock. */
export function endRow(exchange: Exchange, monotonic: number, texts: StoredTexts): EndRow {
  const { summary, outcome } = exchange;
  const error = failure(outcome);
  const stored = payloads(exchange, texts);
  const latency = monotonic - exchange.arrivedMonotonic;
  // The last attempt is what it holds for.
  const begin = openingRow(exchange, exchange.attempts.length - 1);
  // Each field by its name: put together from two objects it costs the engine a multiple.
  return {
    row: 'end',
    id: begin.id,
    at: begin.at,
    workspace: begin.workspace,
    key: begin.key,
    shape: begin.shape,
    streamed: begin.streamed,
    prompt: begin.prompt,
    version: begin.version,
    variant: begin.variant,
    model: begin.model,
    route: begin.route,
    end_user: begin.end_user,
    session: begin.session,
    tags: begin.tags,
    workload: begin.workload,
    sensitive: begin.sensitive,
    reserved_usd: begin.reserved_usd,
    ended_at: Math.round(exchange.arrivedAt + latency),
    status: outcome?.status ?? 'error',
    http_status: httpStatus(exchange, error),
    error_kind: error === null ? '' : errorKind(error),
    error_message: error === null ? '' : redactStructured(error.message.slice(0, 1000)),
    provider: exchange.attempts.at(-1)?.provider ?? '',
    answered_model: summary.model ?? '',
    fingerprint: summary.fingerprint ?? '',
    finish_reason: summary.finishReason,
    cache: exchange.cache,
    usage: exchange.attempts.at(-1)?.usage ?? null,
    cost_usd: usdText(exchange.costUsd),
    saved_usd: usdText(exchange.savedUsd),
    latency_ms: latency,
    ttft_ms: summary.ttftMs,
    response_characters: summary.text.length,
    refused: summary.refusal !== '' || summary.finishReason === 'refusal',
    attempts: exchange.attempts,
    findings: exchange.findings,
    scores: exchange.scores,
    not_scanned: exchange.notScanned,
    request_payload: stored.request,
    response_payload: stored.response,
  };
}
