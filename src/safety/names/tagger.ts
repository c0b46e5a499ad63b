// A linear tagger: the best sequence of labels by the sum of hashed feature weights and weights of neighbouring labels (Viterbi).
import { BUCKETS } from './features.ts';

/** What can be found, in the order of the label numbers: 0 is nothing, 2k − 1 begins kind k, 2k goes on with it. */
export const TYPES = ['PERSON', 'LOCATION', 'ORGANIZATION', 'NRP', 'AGE', 'DATE_TIME'] as const;
export type NameType = (typeof TYPES)[number];
export const LABELS = TYPES.length * 2 + 1;

export interface TaggerWeights {
  /** BUCKETS × LABELS. */
  readonly features: Float32Array;
  /** LABELS + 1 rows (the last: at the beginning) × LABELS. */
  readonly transitions: Float32Array;
}

/** Whether label `to` may follow label `from` (LABELS: the beginning). */
export function mayFollow(from: number, to: number): boolean {
  return to === 0 || to % 2 === 1 || from === to || from === to - 1;
}

/** Score of each label at each token. */
export function emissions(features: readonly Uint32Array[], weights: Float32Array): Float32Array {
  const scores = new Float32Array(features.length * LABELS);
  features.forEach((indices, position) => {
    const row = position * LABELS;
    for (const index of indices) {
      const base = index * LABELS;
      for (let label = 0; label < LABELS; label += 1)
        scores[row + label] = (scores[row + label] as number) + (weights[base + label] as number);
    }
  });
  return scores;
}

/** The best labels. `caution` is taken off label 0's score: more finds, more of them wrong. */
export function bestLabels(scores: Float32Array, transitions: Float32Array, caution = 0): Uint8Array {
  const length = scores.length / LABELS;
  const back = new Uint8Array(scores.length);
  let before = new Float32Array(LABELS);
  let current = new Float32Array(LABELS);
  for (let position = 0; position < length; position += 1) {
    for (let to = 0; to < LABELS; to += 1) {
      let best = -Infinity;
      for (let from = position === 0 ? LABELS : 0; from < (position === 0 ? LABELS + 1 : LABELS); from += 1) {
        if (!mayFollow(from, to)) continue;
        const score =
          (position === 0 ? 0 : (before[from] as number)) + (transitions[from * LABELS + to] as number);
        if (score > best) {
          best = score;
          back[position * LABELS + to] = from;
        }
      }
      current[to] = best + (scores[position * LABELS + to] as number) - (to === 0 ? caution : 0);
    }
    [before, current] = [current, before];
  }
  return traceBack(before, back, length);
}

function traceBack(last: Float32Array, back: Uint8Array, length: number): Uint8Array {
  const labels = new Uint8Array(length);
  if (length === 0) return labels;
  let label = 0;
  for (let candidate = 1; candidate < LABELS; candidate += 1)
    if ((last[candidate] as number) > (last[label] as number)) label = candidate;
  for (let position = length - 1; position >= 0; position -= 1) {
    labels[position] = label;
    label = back[position * LABELS + label] as number;
  }
  return labels;
}

/** Number of weights for features. */
export const FEATURE_WEIGHTS = BUCKETS * LABELS;
