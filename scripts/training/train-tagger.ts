// The averaged structured perceptron (Collins 2002): decode, and where the labels are wrong move weights from the wrong to the right.
import {
  bestLabels,
  emissions,
  FEATURE_WEIGHTS,
  LABELS,
  type TaggerWeights,
} from '../../src/safety/names/tagger.ts';
import type { Encoded } from './name-examples.ts';
import type { Random } from './random.ts';

/** Averaged weights after `epochs` passes over the examples in random order. Wrongly missing a name weighs as much as finding one too many, less `caution`. */
export function trainTagger(
  examples: readonly Encoded[],
  epochs: number,
  random: Random,
  caution: number,
): TaggerWeights {
  const features = new Float32Array(FEATURE_WEIGHTS);
  const featureSums = new Float64Array(FEATURE_WEIGHTS);
  const transitions = new Float32Array((LABELS + 1) * LABELS);
  const transitionSums = new Float64Array(transitions.length);
  let step = 1;
  const order = examples.map((_, index) => index);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const index of random.shuffle(order)) {
      const example = examples[index] as Encoded;
      const guess = bestLabels(emissions(example.features, features), transitions, caution);
      for (let position = 0; position < guess.length; position += 1) {
        const right = example.labels[position] as number;
        const wrong = guess[position] as number;
        const beforeRight = position === 0 ? LABELS : (example.labels[position - 1] as number);
        const beforeWrong = position === 0 ? LABELS : (guess[position - 1] as number);
        if (right !== wrong || beforeRight !== beforeWrong) {
          change(transitions, transitionSums, beforeRight * LABELS + right, 1, step);
          change(transitions, transitionSums, beforeWrong * LABELS + wrong, -1, step);
        }
        if (right === wrong) continue;
        for (const feature of example.features[position] as Uint32Array) {
          change(features, featureSums, feature * LABELS + right, 1, step);
          change(features, featureSums, feature * LABELS + wrong, -1, step);
        }
      }
      step += 1;
    }
  }
  return {
    features: averaged(features, featureSums, step),
    transitions: averaged(transitions, transitionSums, step),
  };
}

function change(weights: Float32Array, sums: Float64Array, index: number, by: number, step: number): void {
  weights[index] = (weights[index] as number) + by;
  sums[index] = (sums[index] as number) + by * step;
}

function averaged(weights: Float32Array, sums: Float64Array, steps: number): Float32Array {
  return weights.map((weight, index) => weight - (sums[index] as number) / steps);
}
