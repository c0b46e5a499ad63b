// Logistic regression, the training half: AdaGrad on the log loss with an L2 penalty.
import { logOdds, sigmoid, type LinearModel } from '../../src/safety/learning/logistic.ts';
import type { SparseVector } from '../../src/safety/learning/ngrams.ts';
import { Random } from './random.ts';

export interface LabelledVector {
  readonly sparse: SparseVector;
  readonly dense: ArrayLike<number>;
  readonly label: boolean;
  readonly weight?: number;
}

export interface LogisticOptions {
  readonly buckets: number;
  readonly dimensions: number;
  readonly epochs: number;
  readonly rate: number;
  /** Penalties of the two halves. */
  readonly sparsePenalty: number;
  readonly densePenalty: number;
}

/** The weights that fit the examples. */
export function trainLogistic(examples: readonly LabelledVector[], options: LogisticOptions): LinearModel {
  const sparse = new Float32Array(options.buckets);
  const sparseSquares = new Float32Array(options.buckets).fill(1e-6);
  const dense = new Float32Array(options.dimensions);
  const denseSquares = new Float32Array(options.dimensions).fill(1e-6);
  const model = { bias: 0, sparse, dense };
  let biasSquares = 1e-6;
  const random = new Random(7);
  const order = examples.map((_, index) => index);
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    const rate = options.rate / Math.sqrt(1 + epoch);
    for (const index of random.shuffle(order)) {
      const example = examples[index] as LabelledVector;
      const error =
        (sigmoid(logOdds(model, example.sparse, example.dense)) - (example.label ? 1 : 0)) *
        (example.weight ?? 1);
      for (let at = 0; at < example.sparse.indices.length; at += 1) {
        const feature = example.sparse.indices[at] as number;
        step(
          sparse,
          sparseSquares,
          feature,
          error * (example.sparse.values[at] as number),
          options.sparsePenalty,
          rate,
        );
      }
      for (let at = 0; at < options.dimensions; at += 1)
        step(dense, denseSquares, at, error * (example.dense[at] as number), options.densePenalty, rate);
      biasSquares += error * error;
      model.bias -= (rate * error) / Math.sqrt(biasSquares);
    }
  }
  return model;
}

function step(
  weights: Float32Array,
  squares: Float32Array,
  index: number,
  slope: number,
  penalty: number,
  rate: number,
): void {
  const gradient = slope + penalty * (weights[index] as number);
  squares[index] = (squares[index] as number) + gradient * gradient;
  weights[index] = (weights[index] as number) - (rate * gradient) / Math.sqrt(squares[index]);
}
