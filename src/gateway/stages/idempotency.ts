// Stages: one upstream call for an `Idempotency-Key`, and the same answer for a day. The first looks for a kept answer or takes the key;
// the last keeps the answer that is about to be sent, whether its client is still there or not. Keys belong to the API key that sent them.
import { createHash } from 'node:crypto';
import type { CanonicalResponse, StreamChunk } from '../../contract/canonical.ts';
import { BinnacleError, messageOf, RequestError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { IdempotencyStore } from '../../cache/idempotency-store.ts';
import { keptResponse } from '../../cache/kept-response.ts';
import type { EmbeddingsAnswer } from '../../providers/provider.ts';
import { pseudonymOf } from '../pseudonym-of.ts';
import type { Answer, Exchange, RouteDecision } from '../exchange.ts';
import type { Stage } from '../stage.ts';
import { StageNote } from '../stage-note.ts';

export interface IdempotencyServices {
  /** Null: keys are not honoured (no folder to keep answers in). */
  readonly replays: IdempotencyStore | null;
  readonly logger: Logger;
}

const MAX_KEY_LENGTH = 255;
/** A stream longer than this, UTF-16 units, is not kept. */
const MAX_STREAM_UNITS = 8 * 1024 * 1024;
const HEAD = { status: 200, headers: {} };

type KeptContent =
  | { readonly kind: 'response'; readonly response: CanonicalResponse }
  | { readonly kind: 'stream'; readonly chunks: readonly StreamChunk[] }
  | { readonly kind: 'embeddings'; readonly embeddings: EmbeddingsAnswer };

/** What is kept: the answer, and what its head says of it. */
interface Kept {
  readonly id: string;
  readonly arrivedAt: number;
  readonly route: RouteDecision | null;
  readonly prompt: { readonly name: string; readonly version: string } | null;
  readonly content: KeptContent;
}

/** A taken key and what was seen of the answer. */
interface Taken {
  readonly key: string;
  readonly fingerprint: string;
  content: KeptContent | null;
}

const sha256 = (...texts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex');

function fingerprintOf({ endpoint, request }: Exchange): string {
  return sha256(endpoint, JSON.stringify(request.native?.value ?? request));
}

function changedBody(): RequestError {
  return new RequestError({
    code: 'idempotency_key_reused',
    message: 'This Idempotency-Key was used with another request: send the same body, or a new key.',
    httpStatus: 422,
    param: 'Idempotency-Key',
  });
}

function inFlight(): BinnacleError {
  return new BinnacleError({
    code: 'idempotency_in_flight',
    message: 'The first request with this Idempotency-Key is being answered: try again in a moment.',
    httpStatus: 409,
    isRetryable: true,
    retryAfterSeconds: 1,
    param: 'Idempotency-Key',
  });
}

function answerOf(content: KeptContent): Answer {
  if (content.kind !== 'stream') return { head: HEAD, ...content };
  const rest = { next: () => Promise.resolve({ done: true as const, value: undefined }) };
  return { kind: 'stream', head: HEAD, stream: { held: content.chunks, rest } };
}

/** Puts a kept answer in the place of a call: under the first interaction's name, which alone is recorded. */
function replay(exchange: Exchange, kept: Kept): void {
  exchange.isReplay = true;
  exchange.id = kept.id;
  exchange.arrivedAt = kept.arrivedAt;
  exchange.route = kept.route;
  const version = kept.prompt === null ? undefined : exchange.snapshot.snapshot.prompts[kept.prompt.name];
  exchange.prompt = version?.versions[kept.prompt?.version ?? ''] ?? null;
  exchange.replyHeaders = ['x-binnacle-replayed', 'true'];
  exchange.answer = answerOf(kept.content);
}

function keptOf(exchange: Exchange, content: KeptContent): Kept {
  const { id, arrivedAt, route, prompt } = exchange;
  return {
    id,
    arrivedAt,
    route,
    prompt: prompt === null ? null : { name: prompt.name, version: prompt.version },
    content,
  };
}

function contentOf(answer: Answer | null): KeptContent | null {
  if (answer?.kind === 'embeddings') return { kind: 'embeddings', embeddings: answer.embeddings };
  if (answer?.kind !== 'response') return null;
  return { kind: 'response', response: keptResponse(answer.response) };
}

/** Collects what goes by; only a stream that came to its end is content. */
function collected(
  chunks: AsyncIterator<readonly StreamChunk[]>,
  taken: Taken,
): AsyncIterator<readonly StreamChunk[]> {
  const seen: StreamChunk[] = [];
  let units = 0;
  return {
    async next() {
      const next = await chunks.next();
      if (next.done === true) {
        if (units <= MAX_STREAM_UNITS) taken.content = { kind: 'stream', chunks: seen };
        return next;
      }
      for (const chunk of next.value) {
        units += chunk.native?.data.length ?? 200;
        if (units <= MAX_STREAM_UNITS) seen.push(chunk);
      }
      return next;
    },
    return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
  };
}

function checkLength(given: string): void {
  if (given.length > MAX_KEY_LENGTH)
    throw new RequestError({
      code: 'bad_idempotency_key',
      message: `An Idempotency-Key has ${MAX_KEY_LENGTH} characters at most.`,
      param: 'Idempotency-Key',
    });
}

/** Which keys are being answered, by which exchange, and what was seen of its answer. */
class TakenKeys {
  readonly #store: IdempotencyStore;
  readonly #logger: Logger;
  readonly #taken = new StageNote<Taken>();
  /** Keys being answered, with the fingerprint of their request. */
  readonly #busy = new Map<string, string>();

  constructor(store: IdempotencyStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Answers from what is kept, or takes the key. Throws 409 while another answers it, 422 for another request under it. */
  async lookUp(exchange: Exchange, given: string): Promise<void> {
    checkLength(given);
    const key = sha256(exchange.key?.id ?? '', given);
    const fingerprint = fingerprintOf(exchange);
    const other = this.#busy.get(key);
    if (other !== undefined) throw other === fingerprint ? inFlight() : changedBody();
    const kept = this.#store.find(key);
    if (kept === undefined) {
      this.#busy.set(key, fingerprint);
      this.#taken.set(exchange, { key, fingerprint, content: null });
      return;
    }
    if (kept.fingerprint !== fingerprint) throw changedBody();
    replay(exchange, JSON.parse(await kept.read()) as Kept);
  }

  /** What an exchange has taken. */
  of(exchange: Exchange): Taken | undefined {
    return exchange.client.idempotencyKey === null ? undefined : this.#taken.get(exchange);
  }

  /** Keeps the answer where there is a whole one, and frees the key. */
  async letGo(exchange: Exchange, own: Taken): Promise<void> {
    this.#taken.delete(exchange);
    const status = exchange.outcome?.status;
    try {
      if (own.content !== null && (status === 'ok' || status === 'disconnected')) {
        const kept = JSON.stringify(keptOf(exchange, own.content));
        await this.#store.put(own.key, own.fingerprint, kept, pseudonymOf(exchange));
      }
    } catch (error) {
      // The answer is paid for and recorded: it is given, though it can't be given again.
      const facts = { error: messageOf(error) };
      this.#logger.log('error', 'an answer could not be kept for its idempotency key', facts);
    } finally {
      this.#busy.delete(own.key);
    }
  }
}

/** The pair of stages: `look` right after the caller is known, `keep` right before the answer is sent. */
export function idempotency({ replays, logger }: IdempotencyServices): {
  readonly look: Stage;
  readonly keep: Stage;
} {
  const keys = replays === null ? null : new TakenKeys(replays, logger);
  const look: Stage = {
    name: 'idempotency',
    enter(exchange) {
      const given = exchange.client.idempotencyKey;
      return given === null || keys === null ? undefined : keys.lookUp(exchange, given);
    },
  };
  const keep: Stage = {
    name: 'keep for replay',
    inspect(exchange) {
      const own = keys?.of(exchange);
      if (own !== undefined) own.content = contentOf(exchange.answer);
    },
    output(exchange, chunks) {
      const own = keys?.of(exchange);
      return own === undefined ? chunks : collected(chunks, own);
    },
    complete(exchange) {
      const own = keys?.of(exchange);
      return own === undefined || keys === null ? undefined : keys.letGo(exchange, own);
    },
  };
  return { look, keep };
}
