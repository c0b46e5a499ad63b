// End users erased lately, by pseudonym, as gateways are told of them: they drop what they keep to give again. Told for as long as an answer
// may be kept, so that a gateway that was away hears of it too.
import { z } from 'zod';
import type { ErasedUser, Snapshot } from '../contract/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import type { DocumentStore } from '../storage/state/state.ts';
import { canonicalJson, sha256 } from '../workspace/version-content.ts';

const COLLECTION = 'erased-user';
/** Answers under idempotency keys are given for a day, and leave the disk some hours later. */
const TOLD_FOR_MS = 27 * 3_600_000;

const erasedSchema = z.object({ users: z.array(z.string()), until: z.number(), told_until: z.number() });

export interface ErasedUsersOptions {
  readonly documents: DocumentStore;
  readonly clock: Clock;
}

export class ErasedUsers {
  readonly #options: ErasedUsersOptions;
  #live: readonly ErasedUser[] = [];
  /** Compiles and publishes anew; set once there is something to publish. */
  republish: () => void = () => undefined;

  constructor(options: ErasedUsersOptions) {
    this.#options = options;
  }

  /** Tells gateways: answers to these users kept until then are to go. */
  async add(users: readonly string[], until: number): Promise<void> {
    const now = this.#options.clock.now();
    const body = { users: [...users], until, told_until: now + TOLD_FOR_MS };
    await this.#options.documents.put(COLLECTION, newId('job', now), body, 'live');
    await this.refresh();
  }

  /** Reads what is kept, ends what need not be told any more. A scheduled job calls it; the start does too. */
  async refresh(): Promise<void> {
    const now = this.#options.clock.now();
    const live: ErasedUser[] = [];
    for (const { id, body } of await this.#options.documents.list(COLLECTION, { limit: 10_000 })) {
      const { users, until, told_until: toldUntil } = erasedSchema.parse(body);
      if (toldUntil <= now) await this.#options.documents.remove(COLLECTION, id);
      else live.push(...users.map((user) => ({ user, until })));
    }
    // Where one was erased twice the later counts.
    live.sort((a, b) => a.until - b.until);
    const changed = JSON.stringify(live) !== JSON.stringify(this.#live);
    this.#live = live;
    if (changed) this.republish();
  }

  /** The snapshot with those erased; the very same one where there are none. */
  laidOver(snapshot: Snapshot): Snapshot {
    if (this.#live.length === 0) return snapshot;
    const version = sha256(canonicalJson([snapshot.version, this.#live]));
    return { ...snapshot, erasedUsers: this.#live, version };
  }
}
