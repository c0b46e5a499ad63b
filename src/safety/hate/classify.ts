// The probability that a text is hateful, from what it does (measures.ts) and what it means (its embedding).
import { logOdds, sigmoid, type LinearModel } from '../learning/logistic.ts';
import type { SparseVector } from '../learning/ngrams.ts';
import { MEASURES, measuresOf } from './measures.ts';

const NO_SPARSE: SparseVector = { indices: new Uint32Array(0), values: new Float32Array(0) };

/** What the model sees of a text. */
export function hateVector(text: string, embedding: Float32Array): Float32Array {
  const vector = new Float32Array(MEASURES + embedding.length);
  vector.set(measuresOf(text));
  vector.set(embedding, MEASURES);
  return vector;
}

/** 0..1; 0.5 is where the guardrail acts. */
export function toxicityScore(text: string, embedding: Float32Array, model: LinearModel): number {
  return sigmoid(logOdds(model, NO_SPARSE, hateVector(text, embedding)));
}
