// What gateways push, on its way into the ledger; knows how far behind it is.
import type { SpoolPushQuery } from '../contract/internal.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ingestor } from '../storage/ledger/ingest-range.ts';
import type { IngestHealth } from './routes/health.ts';

export interface SpoolIntakeOptions {
  readonly ingestor: Ingestor;
  readonly clock: Clock;
}

export class SpoolIntake {
  readonly #options: SpoolIntakeOptions;
  /** Since when each gateway has had rows that the ledger did not take. */
  readonly #waiting = new Map<string, number>();
  #lastPushAt: number | null = null;
  #rejected = 0;
  #foreign = 0;

  constructor(options: SpoolIntakeOptions) {
    this.#options = options;
  }

  /** Resolves with the offset up to which the segment is in the ledger. Rejects as the ingestor does. */
  async take(push: SpoolPushQuery, bytes: Buffer, sha256: string | null): Promise<number> {
    const { gateway, segment, from, to } = push;
    const now = this.#options.clock.now();
    this.#lastPushAt = now;
    if (!this.#waiting.has(gateway)) this.#waiting.set(gateway, now);
    try {
      const { acknowledged, foreign } = await this.#options.ingestor.ingestRange({
        gateway,
        segment,
        from,
        to,
        bytes,
        sha256,
      });
      this.#foreign += foreign;
      if (acknowledged >= to) this.#waiting.delete(gateway);
      return acknowledged;
    } catch (error) {
      this.#rejected += 1;
      throw error;
    }
  }

  health(): IngestHealth {
    const waiting = [...this.#waiting.values()];
    return {
      lastPushAt: this.#lastPushAt,
      waitingSince: waiting.length === 0 ? null : Math.min(...waiting),
      rejected: this.#rejected,
      foreignFeedback: this.#foreign,
    };
  }
}
