// Trains the groundedness model on standardised measures, and folds the standardising into the weights.
import { MEASURES, measuresOf } from '../../src/safety/groundedness/measures.ts';
import type { LinearModel } from '../../src/safety/learning/logistic.ts';
import type { GroundedRow } from './data.ts';
import { trainLogistic } from './train-logistic.ts';

export interface GroundedExample {
  readonly row: GroundedRow;
  readonly measures: Float32Array;
}

export function groundedExample(row: GroundedRow): GroundedExample {
  return { row, measures: measuresOf(row.answer, row.context) };
}

/** The model of these examples, on raw measures. */
export function trainGrounded(examples: readonly GroundedExample[]): LinearModel {
  const means = new Float64Array(MEASURES);
  const spreads = new Float64Array(MEASURES);
  for (const { measures } of examples)
    measures.forEach((value, at) => (means[at] = (means[at] as number) + value / examples.length));
  for (const { measures } of examples)
    measures.forEach(
      (value, at) =>
        (spreads[at] = (spreads[at] as number) + (value - (means[at] as number)) ** 2 / examples.length),
    );
  const spread = (at: number): number => Math.sqrt(spreads[at] as number) || 1;
  const model = trainLogistic(
    examples.map(({ row, measures }) => ({
      sparse: { indices: new Uint32Array(0), values: new Float32Array(0) },
      dense: measures.map((value, at) => (value - (means[at] as number)) / spread(at)),
      label: row.grounded,
    })),
    { buckets: 1, dimensions: MEASURES, epochs: 20, rate: 0.1, sparsePenalty: 0, densePenalty: 1e-4 },
  );
  const dense = model.dense.map((weight, at) => weight / spread(at));
  const shift = dense.reduce((sum, weight, at) => sum + weight * (means[at] as number), 0);
  return { bias: model.bias - shift, sparse: model.sparse, dense };
}
