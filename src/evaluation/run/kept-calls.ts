// Makes a call once: what was paid for before, by this run or by an earlier one with the same content, stands for it. Failures are tried
// again a bounded number of times; nothing else is.
import { pauseAfter } from '../../kernel/backoff.ts';
import type { CallJournal } from './call-journal.ts';
import {
  isFinished,
  type AskGateway,
  type CallOutcome,
  type FinishedCall,
  type GatewayCall,
} from './gateway-call.ts';

export interface KeptCallsParts {
  readonly ask: AskGateway;
  readonly journal: Pick<CallJournal, 'record'>;
  /** Calls of this run's journal and of earlier ones. */
  readonly known: ReadonlyMap<string, FinishedCall>;
  /** Further tries of a failure that may pass. */
  readonly retries: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** For calls that no run is taken up from: nothing is known of earlier ones, and none is written down. */
export const WITHOUT_JOURNAL: Pick<KeptCallsParts, 'journal' | 'known'> = {
  journal: { record: () => Promise.resolve() },
  known: new Map(),
};

export interface KeptOutcome {
  readonly outcome: CallOutcome;
  /** Whether it was made before this process began. */
  readonly wasKept: boolean;
}

const BACKOFF = { first: 250, longest: 30_000 };

export class KeptCalls {
  readonly #parts: KeptCallsParts;
  /** Calls under way by key, so that two equal ones are made once. */
  readonly #open = new Map<string, Promise<KeptOutcome>>();
  made = 0;
  kept = 0;

  constructor(parts: KeptCallsParts) {
    this.#parts = parts;
  }

  /** `mayKeep` false: an earlier answer does not stand for this one (it is still recorded). */
  make(key: string, call: GatewayCall): Promise<KeptOutcome> {
    const open = this.#open.get(key);
    if (open !== undefined) return open;
    const making = this.#make(key, call);
    this.#open.set(key, making);
    return making;
  }

  async #make(key: string, call: GatewayCall): Promise<KeptOutcome> {
    const known = this.#parts.known.get(key);
    if (known !== undefined) {
      this.kept += 1;
      return { outcome: known, wasKept: true };
    }
    const outcome = await this.#try(call);
    if (outcome.status === 'over_ceiling') return { outcome, wasKept: false };
    this.made += 1;
    await this.#parts.journal.record(key, outcome);
    return { outcome, wasKept: false };
  }

  async #try(call: GatewayCall): Promise<CallOutcome> {
    for (let tries = 0; ; tries += 1) {
      const outcome = await this.#parts.ask(call);
      if (isFinished(outcome) || outcome.status === 'over_ceiling') return outcome;
      if (!outcome.isRetryable || tries >= this.#parts.retries || call.signal.aborted) return outcome;
      const pause = outcome.retryAfterMs ?? pauseAfter(tries + 1, BACKOFF);
      await this.#parts.sleep(Math.min(BACKOFF.longest, pause));
    }
  }
}
