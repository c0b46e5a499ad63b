// Which key each of the latest interactions is of, so that feedback about another tenant's is refused at once. Bounded in number; what is no
// longer remembered, and what another gateway answered, is decided when the feedback reaches the ledger. Numbers in a table rather than
// texts in a map: one is noted with every request, and what is kept so long is copied by each collection of garbage.

/** Interactions of one set; a new one takes the place of the oldest. */
const WAYS = 4;
const SETS = 16_384;
/** Keys told apart at once: owners are 16 bits wide, and 0 is nobody. */
const MOST_KEYS = 65_535;

export class InteractionOwners {
  /** Of each place the last 64 bits of the interaction's id, all of them random. */
  readonly #tails = new Uint32Array(2 * WAYS * SETS);
  readonly #owners = new Uint16Array(WAYS * SETS);
  /** The place of each set that is written next. */
  readonly #next = new Uint8Array(SETS);
  readonly #numbers = new Map<string, number>();

  /** `key`: its id, empty without keys. */
  note(interaction: string, key: string): void {
    if (key === '') return;
    const high = bitsAt(interaction, -16);
    const low = bitsAt(interaction, -8);
    const set = low % SETS;
    const way = this.#next[set] as number;
    this.#next[set] = (way + 1) % WAYS;
    const place = set * WAYS + way;
    this.#owners[place] = this.#numberOf(key);
    this.#tails[2 * place] = high;
    this.#tails[2 * place + 1] = low;
  }

  /** Whether an interaction is known to be of another key. */
  isOfAnother(interaction: string, key: string): boolean {
    if (key === '') return false;
    const high = bitsAt(interaction, -16);
    const low = bitsAt(interaction, -8);
    const first = (low % SETS) * WAYS;
    for (let place = first; place < first + WAYS; place += 1) {
      const owner = this.#owners[place];
      if (owner !== 0 && this.#tails[2 * place] === high && this.#tails[2 * place + 1] === low)
        return owner !== this.#numbers.get(key);
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
