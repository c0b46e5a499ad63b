// Which key each of the latest interactions is of, so that feedback about another tenant's is refused at once. Bounded in number; what is no
// longer remembered, and what another gateway answered, is decided when the feedback reaches the ledger. Numbers one behind another, the oldest
// overwritten: one is noted with every request, and only feedback looks through them.

const MOST_INTERACTIONS = 65_536;
/** Keys told apart at once: owners are 16 bits wide, and 0 is nobody. */
const MOST_KEYS = 65_535;

export class InteractionOwners {
  /** Of each the last 64 bits of its id, all of them random. */
  readonly #tails = new Uint32Array(2 * MOST_INTERACTIONS);
  readonly #owners = new Uint16Array(MOST_INTERACTIONS);
  /** The place that is written next. */
  #next = 0;
  readonly #numbers = new Map<string, number>();

  /** `key`: its id, empty without keys. */
  note(interaction: string, key: string): void {
    if (key === '') return;
    const place = this.#next;
    this.#next = (place + 1) % MOST_INTERACTIONS;
    this.#tails[2 * place] = bitsAt(interaction, -16);
    this.#tails[2 * place + 1] = bitsAt(interaction, -8);
    this.#owners[place] = this.#numberOf(key);
  }

  /** Whether an interaction is known to be of another key. */
  isOfAnother(interaction: string, key: string): boolean {
    if (key === '') return false;
    const high = bitsAt(interaction, -16);
    const low = bitsAt(interaction, -8);
    for (let place = 0; place < MOST_INTERACTIONS; place += 1) {
      if (this.#tails[2 * place] !== high || this.#tails[2 * place + 1] !== low) continue;
      const owner = this.#owners[place];
      if (owner !== 0) return owner !== this.#numbers.get(key);
    }
    return false;
  }

  #numberOf(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#numbers.size >= MOST_KEYS) {
      this.#numbers.clear();
      this.#owners.fill(0);
    }
    const number = this.#numbers.size + 1;
    this.#numbers.set(key, number);
    return number;
  }
}

/** 32 bits of an id from its hexadecimal end; of what is no id, any. */
function bitsAt(id: string, from: number): number {
  let bits = 0;
  const start = Math.max(0, id.length + from);
  for (let index = start; index < Math.min(id.length, start + 8); index += 1) {
    const unit = id.charCodeAt(index);
    bits = (bits << 4) | (((unit & 15) + (unit >= 97 ? 9 : 0)) & 15);
  }
  return bits >>> 0;
}
