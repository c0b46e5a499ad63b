// ROUGE-N, ROUGE-L and ROUGE-Lsum: how much of a reference's words a text holds, and the other way round. Equal to google-research's
// rouge_score (rouge_scorer.py). Source of the measures: Lin, "ROUGE: a package for automatic evaluation of summaries", 2004.
import { countGrams } from '../count-grams.ts';

export interface Overlap {
  readonly precision: number;
  readonly recall: number;
  /** Harmonic mean. */
  readonly f: number;
}

const NONE: Overlap = { precision: 0, recall: 0, f: 0 };

function fromHits(hits: number, predicted: number, wanted: number): Overlap {
  const precision = predicted === 0 ? 0 : hits / predicted;
  const recall = wanted === 0 ? 0 : hits / wanted;
  return hits === 0 ? NONE : { precision, recall, f: (2 * precision * recall) / (precision + recall) };
}

/** ROUGE-N: n-grams in common, each counted as often as both have it. */
export function rougeN(prediction: readonly string[], target: readonly string[], n: number): Overlap {
  const wanted = countGrams(target, n);
  const predicted = countGrams(prediction, n);
  let hits = 0;
  for (const [gram, count] of wanted) hits += Math.min(count, predicted.get(gram) ?? 0);
  return fromHits(hits, Math.max(prediction.length - n + 1, 0), Math.max(target.length - n + 1, 0));
}

/** ROUGE-L: the longest common subsequence of the whole texts. */
export function rougeL(prediction: readonly string[], target: readonly string[]): Overlap {
  let previous = new Uint32Array(prediction.length + 1);
  for (const word of target) {
    const current = new Uint32Array(prediction.length + 1);
    for (let column = 1; column <= prediction.length; column += 1)
      current[column] =
        word === prediction[column - 1]
          ? (previous[column - 1] as number) + 1
          : Math.max(previous[column] as number, current[column - 1] as number);
    previous = current;
  }
  return fromHits(previous[prediction.length] as number, prediction.length, target.length);
}

/**
 * ROUGE-Lsum: for each sentence of the target the union of its longest common subsequences with all sentences of the prediction, each
 * word counted no more often than either text has it.
 */
export function rougeLsum(
  prediction: readonly (readonly string[])[],
  target: readonly (readonly string[])[],
): Overlap {
  const predictedTotal = prediction.reduce((total, sentence) => total + sentence.length, 0);
  const wantedTotal = target.reduce((total, sentence) => total + sentence.length, 0);
  const left = countGrams(prediction.flat(), 1);
  const leftWanted = countGrams(target.flat(), 1);
  let hits = 0;
  for (const sentence of target) {
    const matched = new Set<number>();
    for (const candidate of prediction)
      for (const position of commonPositions(sentence, candidate)) matched.add(position);
    for (const position of [...matched].sort((a, b) => a - b)) {
      const word = sentence[position] as string;
      const [inPrediction, inTarget] = [left.get(word) ?? 0, leftWanted.get(word) ?? 0];
      if (inPrediction <= 0 || inTarget <= 0) continue;
      hits += 1;
      left.set(word, inPrediction - 1);
      leftWanted.set(word, inTarget - 1);
    }
  }
  return fromHits(hits, predictedTotal, wantedTotal);
}

/** Positions in `target` of one longest common subsequence, walked back as rouge_score walks (ties go up in the target). */
function commonPositions(target: readonly string[], prediction: readonly string[]): number[] {
  const width = prediction.length + 1;
  const table = new Uint32Array((target.length + 1) * width);
  for (let row = 1; row <= target.length; row += 1)
    for (let column = 1; column <= prediction.length; column += 1)
      table[row * width + column] =
        target[row - 1] === prediction[column - 1]
          ? (table[(row - 1) * width + column - 1] as number) + 1
          : Math.max(table[(row - 1) * width + column] as number, table[row * width + column - 1] as number);
  const positions: number[] = [];
  let row = target.length;
  let column = prediction.length;
  while (row > 0 && column > 0) {
    if (target[row - 1] === prediction[column - 1]) {
      positions.push(row - 1);
      row -= 1;
      column -= 1;
    } else if ((table[row * width + column - 1] as number) > (table[(row - 1) * width + column] as number))
      column -= 1;
    else row -= 1;
  }
  return positions.reverse();
}
