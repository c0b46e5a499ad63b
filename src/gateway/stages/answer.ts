// Stage: the answer to the client. Streams are sent as they come, all but the end mark; the end mark, a whole body or an error follow
// once the interaction is recorded.
import type { StreamChunk } from '../../contract/canonical.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { BinnacleError } from '../../kernel/errors.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { AnswerFacts, StreamWriter } from '../../wire/shape.ts';
import { writeEmbeddings } from '../embeddings-shape.ts';
import { sendError, withoutFound } from '../error-reply.ts';
import type { Answer, Exchange, Outcome } from '../exchange.ts';
import { addFromUpstream, headerText } from '../headers.ts';
import type { Stage } from '../stage.ts';
import { StageNote } from '../stage-note.ts';
import { summariseChunks } from '../summary.ts';

export interface AnswerServices {
  readonly clock: Clock;
  /** Answer bytes (UTF-16 units) read for the sake of their usage after the client left. */
  readonly drainCharacters: number;
}

function factsOf(exchange: Exchange): AnswerFacts {
  return {
    interaction: exchange.id,
    model: exchange.route?.model ?? '',
    created: Math.floor(exchange.arrivedAt / 1000),
    includeUsage: exchange.request.includeUsage === true,
  };
}

/** The `x-binnacle-*` headers, flat, as far as they are known. */
export function binnacleHeaders(exchange: Exchange): string[] {
  const headers = ['x-binnacle-interaction', exchange.id];
  if (exchange.prompt !== null)
    headers.push('x-binnacle-prompt', headerText(`${exchange.prompt.name}@${exchange.prompt.version}`));
  if (exchange.route !== null) {
    headers.push('x-binnacle-model', headerText(exchange.route.model));
    headers.push('x-binnacle-route', headerText(exchange.route.reason));
  }
  headers.push('x-binnacle-cache', exchange.cache);
  for (const part of exchange.replyHeaders) headers.push(part);
  return headers;
}

function sendWhole(exchange: Exchange, answer: Answer & { kind: 'response' | 'embeddings' }): void {
  const headers = binnacleHeaders(exchange);
  addFromUpstream(headers, answer.head.headers);
  if (exchange.costUsd !== null) headers.push('x-binnacle-cost-usd', formatUsd(exchange.costUsd));
  const body =
    answer.kind === 'embeddings'
      ? writeEmbeddings(answer.embeddings, exchange.request)
      : exchange.shape.writeResponse(answer.response, factsOf(exchange));
  exchange.reply.send(200, headers, body);
}

/** An SSE comment with what only the end of a stream can tell. */
function costComment(exchange: Exchange): string {
  const cost = exchange.costUsd === null ? null : formatUsd(exchange.costUsd);
  return `: binnacle ${JSON.stringify({ interaction: exchange.id, cost_usd: cost })}\n\n`;
}

/** Writes what arrived together in one piece; after the client left only counts. */
class Delivery {
  readonly #exchange: Exchange;
  readonly #services: AnswerServices;
  readonly writer: StreamWriter;
  #drained = 0;

  constructor(exchange: Exchange, head: Answer & { kind: 'stream' }, services: AnswerServices) {
    this.#exchange = exchange;
    this.#services = services;
    this.writer = exchange.shape.streamWriter(factsOf(exchange));
    const headers = binnacleHeaders(exchange);
    addFromUpstream(headers, head.head.headers);
    exchange.reply.startStream(headers);
  }

  take(chunks: readonly StreamChunk[]): Promise<void> | undefined {
    const { summary, reply } = this.#exchange;
    summariseChunks(summary, chunks);
    let text = '';
    for (const chunk of chunks) text += this.writer.write(chunk);
    if (reply.isGone) {
      this.#drained += text.length;
      if (this.#drained > this.#services.drainCharacters) this.#exchange.abort.abort();
      return undefined;
    }
    if (text !== '' && summary.ttftMs === null)
      summary.ttftMs = this.#services.clock.monotonic() - this.#exchange.arrivedMonotonic;
    return reply.write(text);
  }

  /** What must stand before the end mark. */
  finish(): Promise<void> | undefined {
    return this.#exchange.reply.write(this.writer.finish());
  }
}

async function deliver(
  exchange: Exchange,
  delivery: Delivery,
  chunks: AsyncIterator<readonly StreamChunk[]>,
  clock: Clock,
): Promise<Outcome> {
  const from = clock.monotonic();
  try {
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) break;
      const behind = delivery.take(next.value);
      if (behind !== undefined) await behind;
    }
    await delivery.finish();
  } catch (thrown) {
    if (!exchange.reply.isGone) throw thrown;
  } finally {
    const attempt = exchange.attempts.at(-1);
    if (attempt !== undefined) attempt.latency_ms += clock.monotonic() - from;
  }
  return exchange.reply.isGone ? { status: 'disconnected' } : { status: 'ok' };
}

function endStream(exchange: Exchange, writer: StreamWriter, error: BinnacleError | null): void {
  if (error === null) exchange.reply.end(costComment(exchange) + writer.endMark());
  else exchange.reply.end(writer.error(withoutFound(error)));
}

export function answer(services: AnswerServices): Stage {
  const writers = new StageNote<StreamWriter>();
  return {
    name: 'answer',
    deliver(exchange, chunks) {
      const head = exchange.answer;
      if (head?.kind !== 'stream') return Promise.resolve({ status: 'ok' });
      const delivery = new Delivery(exchange, head, services);
      writers.set(exchange, delivery.writer);
      return deliver(exchange, delivery, chunks, services.clock);
    },
    complete(exchange) {
      const { outcome, answer: given } = exchange;
      if (outcome === null || outcome.status === 'disconnected') return;
      const error = outcome.status === 'ok' ? null : outcome.error;
      const writer = writers.get(exchange);
      if (writer !== undefined) endStream(exchange, writer, error);
      else if (error !== null) sendError(exchange.reply, exchange.shape, error, binnacleHeaders(exchange));
      else if (given !== null && given.kind !== 'stream') sendWhole(exchange, given);
    },
  };
}
