// Logistic regression, the using half: a weighted sum of sparse and dense features, and its probability.
import type { SparseVector } from './ngrams.ts';

export interface LinearModel {
  readonly bias: number;
  /** Weights of hashed features. */
  readonly sparse: Float32Array;
  /** Weights of dense features (an embedding, a handful of measures). */
  readonly dense: Float32Array;
}

export const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** The log-odds of a text's features. */
export function logOdds(model: LinearModel, sparse: SparseVector, dense: ArrayLike<number>): number {
  let sum = model.bias;
  for (let index = 0; index < sparse.indices.length; index += 1)
    sum += (model.sparse[sparse.indices[index] as number] as number) * (sparse.values[index] as number);
  for (let index = 0; index < model.dense.length; index += 1)
    sum += (model.dense[index] as number) * (dense[index] as number);
  return sum;
}
