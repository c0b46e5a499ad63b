// An ingestor that can be held for a moment, so that state and ledger can be copied as they are at one and the same time.
import type { Ingestor, PushedRange, RangeAnswer } from './ingest-range.ts';

export class PausableIngestor implements Ingestor {
  readonly #inner: Ingestor;
  readonly #running = new Set<Promise<unknown>>();
  #pause: Promise<void> | null = null;

  constructor(inner: Ingestor) {
    this.#inner = inner;
  }

  async ingestRange(range: PushedRange): Promise<RangeAnswer> {
    while (this.#pause !== null) await this.#pause;
    const answer = this.#inner.ingestRange(range);
    const settled = answer.catch(() => undefined).finally(() => this.#running.delete(settled));
    this.#running.add(settled);
    return answer;
  }

  /** Runs `action` while nothing is being ingested; what comes meanwhile waits. One action at a time. */
  async paused<Value>(action: () => Promise<Value>): Promise<Value> {
    while (this.#pause !== null) await this.#pause;
    const turn = Promise.withResolvers<void>();
    this.#pause = turn.promise;
    try {
      await Promise.all(this.#running);
      return await action();
    } finally {
      this.#pause = null;
      turn.resolve();
    }
  }
}
