// Two steps: a sentence-level model of hashed n-grams looks at each segment and at the whole; a second model weighs the most suspicious
// segments together with the text's embedding.
import { logOdds, sigmoid, type LinearModel } from '../learning/logistic.ts';
import { ngramVector, type SparseVector } from '../learning/ngrams.ts';
import { segmentsOf } from './segments.ts';

export interface InjectionModel {
  readonly segments: LinearModel;
  readonly whole: LinearModel;
}

/** Buckets of the sentence-level model. */
export const BUCKETS = 1 << 15;
/** Measures that the second model takes beside the embedding. */
export const MEASURES = 4;

const NOTHING: ArrayLike<number> = [];
export const NO_SPARSE: SparseVector = { indices: new Uint32Array(0), values: new Float32Array(0) };

const bounded = (odds: number): number => Math.max(-8, Math.min(8, odds)) / 4;

/** The segments' log-odds in brief: highest, second highest, the whole text's, and how many there are. */
export function segmentMeasures(
  model: LinearModel,
  segments: readonly SparseVector[],
  whole: SparseVector,
): [number, number, number, number] {
  const odds = segments.map((segment) => logOdds(model, segment, NOTHING)).sort((a, b) => b - a);
  const highest = odds[0] ?? -8;
  return [
    bounded(highest),
    bounded(odds[1] ?? highest),
    bounded(logOdds(model, whole, NOTHING)),
    Math.log(1 + odds.length) / 3,
  ];
}

/** Vectors of a text's segments and of the whole. */
export function vectorsOf(text: string): { segments: SparseVector[]; whole: SparseVector } {
  return {
    segments: segmentsOf(text).map((segment) => ngramVector(segment, BUCKETS)),
    whole: ngramVector(text, BUCKETS),
  };
}

/** What the second model sees. */
export function finalVector(measures: readonly number[], embedding: Float32Array): Float32Array {
  const vector = new Float32Array(MEASURES + embedding.length);
  vector.set(measures);
  vector.set(embedding, MEASURES);
  return vector;
}

/** Probability that the text tries to override instructions; 0.5 is where the guardrail acts. */
export function injectionScore(text: string, embedding: Float32Array, model: InjectionModel): number {
  const { segments, whole } = vectorsOf(text);
  const measures = segmentMeasures(model.segments, segments, whole);
  return sigmoid(logOdds(model.whole, NO_SPARSE, finalVector(measures, embedding)));
}
