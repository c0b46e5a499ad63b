// A text as hashed counts of words, word pairs and runs of characters: the cheap half of what the small classifiers see.
import { hashText, mix } from './hashing.ts';

/** Hashed features with their weights; the vector has unit length. */
export interface SparseVector {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

const CHARACTER_RUNS = [3, 4, 5] as const;
/** A classifier looks at no more characters than this of either end. */
const LONGEST = 6000;

/** Features of `text` in `buckets` (a power of two): word uni- and bigrams, character 3- to 5-grams, logarithm of counts. */
export function ngramVector(text: string, buckets: number): SparseVector {
  const normal = normalise(text);
  const counts = new Map<number, number>();
  const mask = buckets - 1;
  const add = (kind: number, hash: number): void => {
    const index = mix(hash, kind) & mask;
    counts.set(index, (counts.get(index) ?? 0) + 1);
  };
  const words = normal.match(/[\p{L}\p{N}']+|[^\s\p{L}\p{N}]/gu) ?? [];
  let before = 0;
  for (const word of words) {
    const hash = hashText(word);
    add(1, hash);
    add(2, mix(before, hash));
    before = hash;
  }
  for (const size of CHARACTER_RUNS)
    for (let start = 0; start + size <= normal.length; start += 1)
      add(size, hashText(normal, start, start + size));
  return unitVector(counts);
}

function unitVector(counts: ReadonlyMap<number, number>): SparseVector {
  const indices = new Uint32Array(counts.size);
  const values = new Float32Array(counts.size);
  let squares = 0;
  let position = 0;
  for (const [index, count] of counts) {
    const value = 1 + Math.log(count);
    indices[position] = index;
    values[position] = value;
    squares += value * value;
    position += 1;
  }
  const length = Math.sqrt(squares) || 1;
  for (let index = 0; index < values.length; index += 1) values[index] = (values[index] as number) / length;
  return { indices, values };
}

/** Lower case, digits as 0, white space as one space, without the middle of a very long text. */
function normalise(text: string): string {
  const cut = text.length <= 2 * LONGEST ? text : `${text.slice(0, LONGEST)} ${text.slice(-LONGEST)}`;
  return ` ${cut.toLowerCase().replace(/\d/g, '0').replace(/\s+/g, ' ').trim()} `;
}
