// Erasing a person: at once in the ledger, and again for a while after, since what gateways had not yet delivered comes later. What is
// remembered meanwhile is a salted digest, never the name.
import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import type { ErasedUsers } from './erased-users.ts';
import { userPseudonym } from '../kernel/user-pseudonym.ts';
import { erasePerson, erasureOf, erasureSchema, type ErasedCounts } from '../storage/ledger/erase-person.ts';
import type { LedgerClient } from '../storage/ledger/ledger.ts';
import type { StateStore } from '../storage/state/state.ts';

const COLLECTION = 'erasure';
/** Requests end and spools are delivered well within this. */
const REPEATED_FOR_MS = 15 * 60_000;

/** Kept answers name their users by pseudonym alone; who is erased may be named by one too. */
const PSEUDONYM = /^user_[0-9a-f]{24}$/;

const pendingSchema = z.object({ erasure: erasureSchema, until: z.number() });

export interface PersonErased extends ErasedCounts {
  readonly pseudonym: string;
  /** Until then what is still delivered of this person is erased as it comes; UTC milliseconds. */
  readonly until: number;
}

export interface PersonErasuresOptions {
  readonly ledger: LedgerClient;
  readonly state: Pick<StateStore, 'audit' | 'documents'>;
  readonly clock: Clock;
  /** Tells gateways, which keep answers to give them again. */
  readonly erased: Pick<ErasedUsers, 'add'>;
  /** What pseudonyms of users are made with. */
  readonly workspaceName: () => Promise<string>;
}

export class PersonErasures {
  readonly #ledger: LedgerClient;
  readonly #state: Pick<StateStore, 'audit' | 'documents'>;
  readonly #clock: Clock;
  readonly #erased: Pick<ErasedUsers, 'add'>;

  readonly #workspaceName: () => Promise<string>;

  constructor(options: PersonErasuresOptions) {
    this.#ledger = options.ledger;
    this.#state = options.state;
    this.#clock = options.clock;
    this.#erased = options.erased;
    this.#workspaceName = options.workspaceName;
  }

  /** Erases one end user. Rejects retryably while the ledger is away; what was begun is then finished by `repeat`. */
  async erase(user: string): Promise<PersonErased> {
    const names = [user, userPseudonym(user, await this.#workspaceName())];
    const erasure = erasureOf(names);
    const until = this.#clock.now() + REPEATED_FOR_MS;
    const id = newId('job', this.#clock.now());
    await this.#state.documents.put(COLLECTION, id, { erasure, until }, 'pending');
    await this.#erased.add(
      names.filter((name) => PSEUDONYM.test(name)),
      until,
    );
    const counts = await erasePerson(this.#ledger, erasure);
    await this.#note(erasure.pseudonym, counts);
    return { ...counts, pseudonym: erasure.pseudonym, until };
  }

  /** Takes what came since; a scheduled job calls it. */
  async repeat(): Promise<void> {
    for (const { id, body } of await this.#state.documents.list(COLLECTION)) {
      const pending = pendingSchema.parse(body);
      const counts = await erasePerson(this.#ledger, pending.erasure);
      if (Object.values(counts).some((count) => count > 0))
        await this.#note(pending.erasure.pseudonym, counts);
      if (pending.until <= this.#clock.now()) await this.#state.documents.remove(COLLECTION, id);
    }
  }

  async #note(pseudonym: string, counts: ErasedCounts): Promise<void> {
    await this.#state.audit.append({
      actor: 'admin',
      act: 'person.erase',
      subject: pseudonym,
      details: { ...counts },
    });
  }
}
