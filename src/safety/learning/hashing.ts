// Hashes for features of small models: FNV-1a over UTF-16 units, and a mixer (the finaliser of MurmurHash3). Training and use must
// agree on every bit, so both import this.

/** FNV-1a, 32 bits, of the piece of `text` from `start` to `end`. */
export function hashText(text: string, start = 0, end = text.length, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let index = start; index < end; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** One well-mixed 32-bit value of two. */
export function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
