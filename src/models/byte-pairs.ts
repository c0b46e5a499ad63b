// A vocabulary of byte pairs in flat arrays: 200,000 tokens take 5 MB, where a map of strings takes 100 MB that the collector walks through
// again and again. Exact: a hash only says where to look, the bytes decide.

const SEED = 0x811c9dc5;
const PRIME = 0x01000193;
const NEW_LINE = 10;
const SPACE = 32;
/** More than any rank: these two bytes stay apart. */
const NEVER = 0x7fffffff;

const LENGTH_BITS = 10;
const LONGEST = 2 ** LENGTH_BITS - 1;
const FURTHEST = 2 ** (32 - LENGTH_BITS) - 1;

/** Where bytes start and how many they are, in one number of 32 bits that is never 0. */
function placeOf(start: number, length: number): number {
  return (start << LENGTH_BITS) | length;
}

/** FNV-1a, a byte at a time; starts from `HASH_START`. */
export function mixed(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, PRIME);
}
export const HASH_START = SEED;

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Values of base64's signs by their code; -1: none. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) => SIGNS.indexOf(String.fromCharCode(code)));

export class BytePairs {
  /** Bytes of all tokens, one after another. */
  readonly #bytes: Uint8Array;
  /**
   * Open addressing by hash, two numbers a token beside each other, since looking up is waiting for memory: where its bytes start and how many
   * they are (`placeOf`), 0 where nothing is, and its rank.
   */
  readonly #slots: Int32Array;
  readonly #mask: number;
  /** Ranks of tokens of two bytes by these bytes: every merge begins with them. */
  readonly #twos = new Int32Array(65_536).fill(NEVER);
  /** Where parts of the piece being merged begin, and the rank of each with its next. */
  #edges = new Int32Array(256);
  #ranks = new Int32Array(256);

  /** From a file of the form that OpenAI publishes: a line a token in the order of ranks, its bytes in base64 and its rank. */
  constructor(file: Uint8Array) {
    const bytes = new Uint8Array(file.length);
    const starts = [0];
    let filled = 0;
    for (let at = 0; at < file.length; at += 1) {
      let bits = 0;
      let held = 0;
      for (; at < file.length && file[at] !== SPACE; at += 1) {
        const value = DIGITS[file[at] ?? 0] ?? -1;
        if (value < 0) continue;
        bits = ((bits << 6) | value) & 0xffff;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes[filled] = (bits >> held) & 0xff;
        filled += 1;
      }
      while (at < file.length && file[at] !== NEW_LINE) at += 1;
      starts.push(filled);
    }
    this.#bytes = bytes.slice(0, filled);
    const slots = 2 ** Math.ceil(Math.log2(starts.length * 2));
    this.#slots = new Int32Array(2 * slots);
    this.#mask = slots - 1;
    for (let rank = 0; rank + 1 < starts.length; rank += 1)
      this.#enter(rank, starts[rank] as number, starts[rank + 1] as number);
  }

  #enter(rank: number, start: number, end: number): void {
    if (end - start > LONGEST || start > FURTHEST)
      throw new RangeError('this vocabulary is larger than its table can say');
    let hash = HASH_START;
    for (let at = start; at < end; at += 1) hash = mixed(hash, this.#bytes[at] ?? 0);
    let slot = this.#slotOf(hash);
    while (this.#slots[2 * slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[2 * slot] = placeOf(start, end - start);
    this.#slots[2 * slot + 1] = rank;
    if (end - start === 2)
      this.#twos[((this.#bytes[start] ?? 0) << 8) | (this.#bytes[start + 1] ?? 0)] = rank;
  }

  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  /** Whether ASCII text from one index to another is a token; `hash` is that of its bytes. */
  hasText(text: string, from: number, to: number, hash: number): boolean {
    // Read once: this is the innermost loop of all counting.
    const bytes = this.#bytes;
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = this.#slotOf(hash); ; slot = (slot + 1) & mask) {
      const place = slots[2 * slot] as number;
      if (place === 0) return false;
      if ((place & LONGEST) !== to - from) continue;
      const start = place >>> LENGTH_BITS;
      let at = from;
      while (at < to && text.charCodeAt(at) === bytes[start + at - from]) at += 1;
      if (at === to) return true;
    }
  }

  /** Rank of a token; `NEVER` where it is none. */
  #rankOf(bytes: Uint8Array, from: number, to: number): number {
    let hash = HASH_START;
    for (let at = from; at < to; at += 1) hash = mixed(hash, bytes[at] as number);
    for (let slot = this.#slotOf(hash); ; slot = (slot + 1) & this.#mask) {
      const place = this.#slots[2 * slot] as number;
      if (place === 0) return NEVER;
      if ((place & LONGEST) !== to - from) continue;
      const start = place >>> LENGTH_BITS;
      let at = from;
      while (at < to && bytes[at] === this.#bytes[start + at - from]) at += 1;
      if (at === to) return this.#slots[2 * slot + 1] as number;
    }
  }

  /** Tokens of the first bytes, which are one piece: the pair of the lowest rank is merged until none is left. Quadratic in their number. */
  count(bytes: Uint8Array, length: number): number {
    if (length <= 1 || this.#rankOf(bytes, 0, length) !== NEVER) return length === 0 ? 0 : 1;
    if (this.#edges.length < length + 2) {
      this.#edges = new Int32Array(length * 2);
      this.#ranks = new Int32Array(length * 2);
    }
    const edges = this.#edges;
    const ranks = this.#ranks;
    let parts = length;
    for (let at = 0; at <= length; at += 1) edges[at] = at;
    for (let at = 0; at + 1 < length; at += 1)
      ranks[at] = this.#twos[((bytes[at] as number) << 8) | (bytes[at + 1] as number)] as number;
    const pair = (part: number): number =>
      part + 1 < parts ? this.#rankOf(bytes, edges[part] as number, edges[part + 2] as number) : NEVER;
    for (;;) {
      let lowest = NEVER;
      let where = -1;
      for (let part = 0; part + 1 < parts; part += 1) {
        const rank = ranks[part] as number;
        if (rank < lowest) {
          lowest = rank;
          where = part;
        }
      }
      if (where === -1) return parts;
      parts -= 1;
      for (let part = where + 1; part <= parts; part += 1) {
        edges[part] = edges[part + 1] as number;
        ranks[part - 1] = ranks[part] as number;
      }
      ranks[where] = pair(where);
      if (where > 0) ranks[where - 1] = pair(where - 1);
    }
  }
}
