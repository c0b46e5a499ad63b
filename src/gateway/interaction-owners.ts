// Which key each of the latest interactions is of, so that feedback about another tenant's is refused at once. Bounded in number; what is no
// longer remembered, and what another gateway answered, is decided when the feedback reaches the ledger.

/** Interactions in one of the two generations: some 3 MB each at most. */
const GENERATION = 20_000;

export class InteractionOwners {
  #young = new Map<string, string>();
  #old = new Map<string, string>();

  /** `key`: its id, empty without keys. */
  note(interaction: string, key: string): void {
    if (key === '') return;
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(interaction, key);
  }

  /** Whether an interaction is known to be of another key. */
  isOfAnother(interaction: string, key: string): boolean {
    if (key === '') return false;
    const owner = this.#young.get(interaction) ?? this.#old.get(interaction);
    return owner !== undefined && owner !== key;
  }
}
