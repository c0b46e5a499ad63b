// How likely it is that all an answer says stands in its context.
import { logOdds, sigmoid, type LinearModel } from '../learning/logistic.ts';
import type { SparseVector } from '../learning/ngrams.ts';
import { measuresOf } from './measures.ts';

const NO_SPARSE: SparseVector = { indices: new Uint32Array(0), values: new Float32Array(0) };

/** 0..1, higher is better supported. */
export function groundedScore(answer: string, context: string, model: LinearModel): number {
  return sigmoid(logOdds(model, NO_SPARSE, measuresOf(answer, context)));
}
