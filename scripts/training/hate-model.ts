// Trains the hate model; both classes weigh the same.
import { hateVector } from '../../src/safety/hate/classify.ts';
import { MEASURES } from '../../src/safety/hate/measures.ts';
import type { LinearModel } from '../../src/safety/learning/logistic.ts';
import type { ToxicityRow } from './data.ts';
import { trainLogistic } from './train-logistic.ts';

export interface HateExample {
  readonly row: ToxicityRow;
  readonly vector: Float32Array;
}

export const isHateful = (row: ToxicityRow): boolean => row.label_gold === 'hateful';

export function hateExample(row: ToxicityRow, embedding: Float32Array): HateExample {
  return { row, vector: hateVector(row.test_case, embedding) };
}

/** At this probability of the trained model the guardrail acts: shifted to 0.5. */
const ACTS_AT = 0.56;

/** The model of these examples. */
export function trainHate(examples: readonly HateExample[]): LinearModel {
  const hateful = examples.filter(({ row }) => isHateful(row)).length;
  const share = (examples.length - hateful) / hateful;
  const model = trainLogistic(
    examples.map(({ row, vector }) => ({
      sparse: { indices: new Uint32Array(0), values: new Float32Array(0) },
      dense: vector,
      label: isHateful(row),
      weight: isHateful(row) ? share : 1,
    })),
    { buckets: 1, dimensions: MEASURES + 512, epochs: 20, rate: 0.2, sparsePenalty: 0, densePenalty: 1e-3 },
  );
  return { ...model, bias: model.bias - Math.log(ACTS_AT / (1 - ACTS_AT)) };
}
