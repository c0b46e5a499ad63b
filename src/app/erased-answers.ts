// What a gateway keeps of erased end users goes with the snapshot that names them: cached answers at once, those on disk in a moment, tried
// again until it is done.
import type { AnswerCache } from '../cache/answer-cache.ts';
import type { IdempotencyStore } from '../cache/idempotency-store.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';

const AGAIN_AFTER_MS = 5000;

export interface ErasedAnswersOptions {
  readonly answers: AnswerCache;
  readonly replays: IdempotencyStore;
  readonly logger: Logger;
}

export class ErasedAnswers {
  readonly #options: ErasedAnswersOptions;
  #again: NodeJS.Timeout | undefined;

  constructor(options: ErasedAnswersOptions) {
    this.#options = options;
  }

  /** Call with each snapshot that is served from now on; null while there is none. */
  async hear(snapshot: Snapshot | null): Promise<void> {
    const { answers, replays, logger } = this.#options;
    const users = snapshot?.erasedUsers ?? [];
    clearTimeout(this.#again);
    answers.forget(users);
    try {
      await replays.forget(users);
    } catch (error) {
      logger.log('error', 'kept answers of an erased person could not be taken from disk; tried again', {
        error: messageOf(error),
      });
      this.#again = setTimeout(() => void this.hear(snapshot), AGAIN_AFTER_MS).unref();
    }
  }
}
