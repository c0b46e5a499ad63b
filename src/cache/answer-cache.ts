// The exact cache: whole answers in memory, bounded in bytes, each with its own time to live; and who is just asking, so that identical
// questions at the same time make one call.
import { LRUCache } from 'lru-cache';
import type { CanonicalResponse } from '../contract/canonical.ts';
import type { ErasedUser } from '../contract/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Usd } from '../kernel/money.ts';
import { ErasedUsers } from './erased-users.ts';
import { keptResponse } from './kept-response.ts';

export interface CachedAnswer {
  readonly response: CanonicalResponse;
  /** What the call cost that a hit saves; null where no price is known. */
  readonly costUsd: Usd | null;
  /** Pseudonym of the end user whose request it answered; empty: none. */
  readonly user: string;
}

export interface AnswerCacheOptions {
  readonly clock: Clock;
  /** Default 128 MiB. */
  readonly maxBytes?: number;
}

/** Object, keys and list around an entry, bytes, near enough. */
const ENTRY_OVERHEAD = 1024;

/** Bytes an answer takes in memory: its text at two bytes a unit, and beside a vendor's own text what was read of it. */
function bytesOf(response: CanonicalResponse): number {
  const { nativeText } = response;
  const text = nativeText ?? JSON.stringify(response);
  return ENTRY_OVERHEAD + text.length * (nativeText === undefined ? 2 : 4);
}

export class AnswerCache {
  readonly #clock: Clock;
  readonly #entries: LRUCache<string, CachedAnswer & { readonly keptAt: number }>;
  readonly #erased: ErasedUsers;
  readonly #asking = new Map<string, Promise<void>>();

  constructor({ clock, maxBytes = 128 * 1024 * 1024 }: AnswerCacheOptions) {
    this.#clock = clock;
    this.#erased = new ErasedUsers(clock);
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: Math.ceil(maxBytes / 4),
      ttlResolution: 0,
      perf: { now: () => clock.monotonic() },
    });
  }

  get(key: string): CachedAnswer | undefined {
    return this.#entries.get(key);
  }

  put(key: string, answer: CachedAnswer, ttlSeconds: number): void {
    if (this.#erased.covers(answer.user)) return;
    const response = keptResponse(answer.response);
    const kept = { ...answer, response, keptAt: this.#clock.now() };
    this.#entries.set(key, kept, { ttl: ttlSeconds * 1000, size: bytesOf(response) });
  }

  /** Drops the answers of erased users, and keeps none of theirs until their time is over. */
  forget(users: readonly ErasedUser[]): void {
    this.#erased.set(users);
    if (users.length === 0) return;
    for (const [key, { user, keptAt }] of this.#entries.entries())
      if (this.#erased.covers(user, keptAt)) this.#entries.delete(key);
  }

  /** Who asks first; resolves when that call is over, however it went. Undefined: nobody asks. */
  asking(key: string): Promise<void> | undefined {
    return this.#asking.get(key);
  }

  /** Says that this call is the first; the function returned says that it is over. */
  ask(key: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#asking.set(key, promise);
    return () => {
      if (this.#asking.get(key) === promise) this.#asking.delete(key);
      resolve();
    };
  }

  figures(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries.size, bytes: this.#entries.calculatedSize };
  }
}
