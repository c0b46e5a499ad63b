// End users whose kept answers are to go, by the pseudonyms of their names: what is kept is dropped when they are told, and until their time is
// over nothing new is kept, since requests that were in flight still end.
import type { ErasedUser } from '../contract/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';

export class ErasedUsers {
  readonly #clock: Clock;
  #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(users: readonly ErasedUser[]): void {
    this.#until = new Map(users.map(({ user, until }) => [user, until]));
  }

  /** Whether an answer to this user, kept at that time, is to go. No user (empty): never. */
  covers(user: string, at = this.#clock.now()): boolean {
    return user !== '' && at <= (this.#until.get(user) ?? -Infinity);
  }
}
