// A seeded source of uniform numbers, for verdicts and simulations that must come out the same every time.

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, uniform on [0, 1). Not for secrets. */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
