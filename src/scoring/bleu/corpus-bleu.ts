// BLEU of a corpus as sacreBLEU computes it: counts of n-grams up to four are added up over segments before anything is divided.
// Sources: Papineni et al., "BLEU: a method for automatic evaluation of machine translation", 2002; smoothing 3 ("exp") of Chen & Cherry,
// "A systematic comparison of smoothing techniques for sentence-level BLEU", 2014; effective order as sacreBLEU's option.
import { countGrams } from '../count-grams.ts';

const ORDERS = [1, 2, 3, 4] as const;

export interface BleuSegment {
  readonly output: readonly string[];
  /** Tokens of each reference of this segment. */
  readonly references: readonly (readonly string[])[];
}

/** 0..1 (sacreBLEU's score / 100). */
export function corpusBleu(segments: readonly BleuSegment[]): number {
  const correct = [0, 0, 0, 0];
  const total = [0, 0, 0, 0];
  let outputLength = 0;
  let referenceLength = 0;
  for (const { output, references } of segments) {
    outputLength += output.length;
    referenceLength += closestLength(output.length, references);
    for (const n of ORDERS) {
      total[n - 1] = (total[n - 1] as number) + Math.max(output.length - n + 1, 0);
      correct[n - 1] = (correct[n - 1] as number) + clippedHits(output, references, n);
    }
  }
  if (correct.every((count) => count === 0)) return 0;
  const brevity = outputLength < referenceLength ? Math.exp(1 - referenceLength / outputLength) : 1;
  return brevity * geometricPrecision(correct, total);
}

/** Orders with no n-gram at all end the mean (effective order); an order without a hit counts 1/(2^k·total), k such orders so far. */
function geometricPrecision(correct: readonly number[], total: readonly number[]): number {
  let logs = 0;
  let orders = 0;
  let halvings = 1;
  for (const n of ORDERS) {
    const possible = total[n - 1] as number;
    if (possible === 0) break;
    orders = n;
    const hits = correct[n - 1] as number;
    if (hits === 0) halvings *= 2;
    logs += Math.log(hits === 0 ? 1 / (halvings * possible) : hits / possible);
  }
  return Math.exp(logs / orders);
}

/** The reference length nearest to the output's, the shorter of two equally near. */
function closestLength(length: number, references: readonly (readonly string[])[]): number {
  let best = Number.NaN;
  for (const { length: candidate } of references) {
    const gap = Math.abs(candidate - length) - Math.abs(best - length);
    if (Number.isNaN(best) || gap < 0 || (gap === 0 && candidate < best)) best = candidate;
  }
  return Number.isNaN(best) ? 0 : best;
}

function clippedHits(
  output: readonly string[],
  references: readonly (readonly string[])[],
  n: number,
): number {
  const allowed = new Map<string, number>();
  for (const reference of references)
    for (const [gram, count] of countGrams(reference, n))
      allowed.set(gram, Math.max(allowed.get(gram) ?? 0, count));
  let hits = 0;
  for (const [gram, count] of countGrams(output, n)) hits += Math.min(count, allowed.get(gram) ?? 0);
  return hits;
}
