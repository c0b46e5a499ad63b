// What is known of a word beforehand (a first name, a city, an everyday word, …), in one Bloom filter: a hundred thousand entries in
// 160 KB, with one wrong "yes" in a hundred.
import { hashText, mix } from '../learning/hashing.ts';

/** Kinds of entries; the place in the list is the bit of the kind. */
export const KINDS = ['first', 'last', 'city', 'country', 'demonym', 'common', 'org', 'job'] as const;
export type Kind = (typeof KINDS)[number];

const PROBES = 6;

/** Lists of words of each kind, as bits. */
export class Gazetteer {
  readonly #bits: Uint8Array;
  readonly #mask: number;

  /** `bits` has a power of two of bytes. */
  constructor(bits: Uint8Array) {
    this.#bits = bits;
    this.#mask = bits.length * 8 - 1;
  }

  /** Adds a lower-case word or phrase. */
  add(kind: Kind, lower: string): void {
    const base = this.#base(KINDS.indexOf(kind), hashText(lower));
    for (let probe = 0; probe < PROBES; probe += 1) {
      const bit = mix(base, probe) & this.#mask;
      this.#bits[bit >> 3] = (this.#bits[bit >> 3] as number) | (1 << (bit & 7));
    }
  }

  /** Bits of the kinds that a lower-case word or phrase, given by its hash, is of. */
  kindsOf(hash: number): number {
    let kinds = 0;
    for (let kind = 0; kind < KINDS.length; kind += 1) if (this.#has(kind, hash)) kinds |= 1 << kind;
    return kinds;
  }

  #has(kind: number, hash: number): boolean {
    const base = this.#base(kind, hash);
    for (let probe = 0; probe < PROBES; probe += 1) {
      const bit = mix(base, probe) & this.#mask;
      if (((this.#bits[bit >> 3] as number) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  #base(kind: number, hash: number): number {
    return mix(hash, kind + 101);
  }
}
