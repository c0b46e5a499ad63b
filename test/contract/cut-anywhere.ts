// Networks cut a stream wherever they like: read in any pieces it must say what it says whole.
import { assert, array, integer, property } from 'fast-check';
import { expect } from 'vitest';

/** One cut at every position is tried where there are no more bytes than this. */
const FEW_BYTES = 3000;

/** Byte by byte, cut once (anywhere, where it is small enough to try them all), and cut at random. */
export function expectSameHoweverCut(
  bytes: Uint8Array,
  whole: unknown,
  read: (pieces: readonly Uint8Array[]) => unknown,
): void {
  const single = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
  expect(read(single)).toEqual(whole);
  if (bytes.length < FEW_BYTES)
    for (let at = 0; at <= bytes.length; at += 1)
      expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
  assert(
    property(array(integer({ min: 0, max: bytes.length }), { maxLength: 20 }), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(read(pieces)).toEqual(whole);
    }),
    { numRuns: 20 },
  );
}
