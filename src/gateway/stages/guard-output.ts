// Stage: guardrails on answers, whole or streamed, and placeholders turned back into what they stood for. A stream that was stopped ends
// with an error event; what never was scanned is recorded as not scanned.
import type { StreamChunk } from '../../contract/canonical.ts';
import type { Exchange } from '../exchange.ts';
import { screenResponse } from '../guard/scan-response.ts';
import { addNotScanned, type Screening } from '../guard/screening.ts';
import { StreamGuard } from '../guard/stream-guard.ts';
import type { Stage } from '../stage.ts';
import { StageNote } from '../stage-note.ts';
import { summariseResponse } from '../summary.ts';

type Chunks = AsyncIterator<readonly StreamChunk[]>;

/** The guarded stream: pulls, and gives out what may be sent. `isWhole` becomes true once all of it was looked at. */
class GuardedStream implements Chunks {
  readonly #exchange: Exchange;
  readonly #chunks: Chunks;
  readonly #guard: StreamGuard;
  isWhole = false;

  constructor(exchange: Exchange, chunks: Chunks, screening: Screening) {
    this.#exchange = exchange;
    this.#chunks = chunks;
    this.#guard = new StreamGuard(exchange, screening);
  }

  async next(): Promise<IteratorResult<readonly StreamChunk[], undefined>> {
    try {
      while (!this.isWhole) {
        const next = await this.#chunks.next();
        if (next.done === true) this.isWhole = true;
        const ready = next.done === true ? await this.#guard.finish() : await this.#guard.take(next.value);
        if (ready.length > 0) return { done: false, value: ready };
      }
      return { done: true, value: undefined };
    } catch (thrown) {
      this.#exchange.abort.abort();
      void this.return().catch(() => undefined);
      throw thrown;
    }
  }

  async return(): Promise<IteratorResult<readonly StreamChunk[], undefined>> {
    await this.#chunks.return?.();
    return { done: true, value: undefined };
  }
}

function hasWork({ guardrails, pseudonyms }: Screening): boolean {
  return guardrails.output.length > 0 || pseudonyms !== null;
}

/** Placed before `settle`, so that what is summed up and recorded is what went out. */
export function guardOutput(): Stage {
  const streams = new StageNote<GuardedStream>();
  return {
    name: 'guard output',
    async inspect(exchange) {
      const { answer, screening } = exchange;
      if (answer?.kind !== 'response' || screening === undefined || !hasWork(screening)) return;
      try {
        const response = await screenResponse(exchange, screening, answer.response);
        if (response !== answer.response) exchange.answer = { ...answer, response };
      } catch (thrown) {
        summariseResponse(exchange.summary, answer.response);
        throw thrown;
      }
    },
    output(exchange, chunks) {
      const { screening } = exchange;
      if (screening === undefined || !hasWork(screening)) return chunks;
      const guarded = new GuardedStream(exchange, chunks, screening);
      streams.set(exchange, guarded);
      return guarded;
    },
    complete(exchange) {
      const guarded = streams.get(exchange);
      if (guarded !== undefined && !guarded.isWhole && exchange.outcome?.status !== 'blocked')
        addNotScanned(exchange, 'output:rest of the stream');
    },
  };
}
