// Stages: the exact cache of prompts that have a time to live. A hit is answered here, before budgets and vendors, as a stream where a stream
// was asked for; output guardrails see it like any other answer. What is kept is the answer as the vendor gave it, when it was whole,
// ended by itself and was not blocked.
import { cacheKey } from '../../cache/cache-key.ts';
import type { AnswerCache, CachedAnswer } from '../../cache/answer-cache.ts';
import type { CanonicalResponse, FinishReason, StreamChunk } from '../../contract/canonical.ts';
import { parseUsd, type Usd } from '../../kernel/money.ts';
import { eventsOfResponse, ResponseGatherer } from '../../wire/events-of-response.ts';
import type { Answer, Exchange } from '../exchange.ts';
import { pseudonymOf } from '../pseudonym-of.ts';
import type { Stage } from '../stage.ts';
import { StageNote } from '../stage-note.ts';

export interface CacheServices {
  readonly answers: AnswerCache;
}

/** A miss on its way: what it will be kept under, and what was seen of its answer. */
interface Miss {
  readonly key: string;
  /** Whose answer it is to be: what a fallback answered is not given for it. */
  readonly model: string;
  readonly ttlSeconds: number;
  readonly over: () => void;
  response: CanonicalResponse | null;
}

const HEAD = { status: 200, headers: {} };
const WHOLE: ReadonlySet<FinishReason> = new Set<FinishReason>(['stop', 'tool-calls']);

function endOfStream(): Promise<IteratorResult<readonly StreamChunk[]>> {
  return Promise.resolve({ done: true, value: undefined });
}

/** A kept answer in the form that was asked for. */
export function answerOf(response: CanonicalResponse, stream: boolean): Answer {
  if (!stream) return { kind: 'response', head: HEAD, response };
  const held = [{ events: eventsOfResponse(response) }];
  return { kind: 'stream', head: HEAD, stream: { held, rest: { next: endOfStream } } };
}

/** Seconds an answer to this may be kept; null: it is not cached. */
function ttlOf(exchange: Exchange): number | null {
  const ttl = exchange.prompt?.cacheTtlSeconds ?? null;
  if (ttl === null || ttl <= 0 || exchange.kind !== 'chat') return null;
  return exchange.client.headers['x-binnacle-cache'] === 'off' ? null : ttl;
}

function keyOf(exchange: Exchange): string {
  const { prompt, key, route } = exchange;
  return cacheKey(exchange.request, {
    tenant: key?.id ?? '',
    prompt: prompt === null ? '' : `${prompt.name}@${prompt.version}:${prompt.digest}`,
    model: route?.model ?? '',
  });
}

function hit(exchange: Exchange, { response, costUsd }: CachedAnswer): void {
  exchange.cache = 'hit';
  exchange.savedUsd = costUsd;
  exchange.answer = answerOf(response, exchange.request.stream);
}

/** Feeds what goes by to a gatherer; tells when the end was reached. What only its vendor's shape can say can't be kept. */
function watched(
  chunks: AsyncIterator<readonly StreamChunk[]>,
  miss: Miss,
): AsyncIterator<readonly StreamChunk[]> {
  const gatherer = new ResponseGatherer();
  let isKnown = true;
  return {
    async next() {
      const next = await chunks.next();
      if (next.done === true) {
        if (isKnown) miss.response = gatherer.response();
        return next;
      }
      for (const { events } of next.value)
        for (const event of events) {
          if (event.type === 'opaque') isKnown = false;
          gatherer.add(event);
        }
      return next;
    },
    return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
  };
}

function costOfAnswer({ attempts }: Exchange): Usd | null {
  const cost = attempts.at(-1)?.cost_usd ?? null;
  return cost === null ? null : parseUsd(cost);
}

/** Whether what was seen of the answer may be given again: ended by itself, and by the model that was asked. */
function isKeepable({ route, outcome }: Exchange, { model, response }: Miss): boolean {
  const isWhole =
    response !== null &&
    route?.model === model &&
    response.choices.length > 0 &&
    response.choices.every(({ finishReason }) => WHOLE.has(finishReason));
  return isWhole && (outcome?.status === 'ok' || outcome?.status === 'disconnected');
}

/** The pair of stages: one looks and watches, one keeps once the cost is known. */
export function cache({ answers }: CacheServices): { readonly look: Stage; readonly keep: Stage } {
  const misses = new StageNote<Miss>();
  async function lookOrWait(exchange: Exchange, ttlSeconds: number): Promise<void> {
    const key = keyOf(exchange);
    const known = answers.get(key);
    if (known !== undefined) return hit(exchange, known);
    const first = answers.asking(key);
    if (first !== undefined) {
      // One wait only: where the first call failed, the others must not fail one after another.
      await first;
      const found = answers.get(key);
      if (found !== undefined) return hit(exchange, found);
    }
    exchange.cache = 'miss';
    if (answers.asking(key) === undefined)
      misses.set(exchange, {
        key,
        model: exchange.route?.model ?? '',
        ttlSeconds,
        over: answers.ask(key),
        response: null,
      });
  }
  const look: Stage = {
    name: 'cache',
    enter(exchange) {
      const ttl = ttlOf(exchange);
      return ttl === null ? undefined : lookOrWait(exchange, ttl);
    },
    inspect(exchange) {
      if (exchange.cache !== 'miss' || exchange.answer?.kind !== 'response') return;
      const miss = misses.get(exchange);
      if (miss !== undefined) miss.response = exchange.answer.response;
    },
    output(exchange, chunks) {
      const miss = exchange.cache === 'miss' ? misses.get(exchange) : undefined;
      return miss === undefined ? chunks : watched(chunks, miss);
    },
  };
  const keep: Stage = {
    name: 'keep in cache',
    complete(exchange) {
      if (exchange.cache !== 'miss') return;
      const miss = misses.get(exchange);
      if (miss === undefined) return;
      misses.delete(exchange);
      const { response } = miss;
      if (response !== null && isKeepable(exchange, miss))
        answers.put(
          miss.key,
          { response, costUsd: costOfAnswer(exchange), user: pseudonymOf(exchange) },
          miss.ttlSeconds,
        );
      miss.over();
    },
  };
  return { look, keep };
}
