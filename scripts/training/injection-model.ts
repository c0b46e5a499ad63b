// Trains the two steps of the injection guardrail. The second learns from what the first says of texts it was not trained on.
import {
  BUCKETS,
  finalVector,
  MEASURES,
  NO_SPARSE,
  segmentMeasures,
  type InjectionModel,
} from '../../src/safety/prompt-injection/classify.ts';
import { segmentsOf } from '../../src/safety/prompt-injection/segments.ts';
import type { LinearModel } from '../../src/safety/learning/logistic.ts';
import { ngramVector, type SparseVector } from '../../src/safety/learning/ngrams.ts';
import type { InjectionRow } from './data.ts';
import { trainLogistic, type LabelledVector } from './train-logistic.ts';

export interface InjectionExample {
  readonly row: InjectionRow;
  readonly segmentTexts: readonly string[];
  readonly segments: readonly SparseVector[];
  readonly whole: SparseVector;
  readonly embedding: Float32Array;
  /** Near-duplicates share it. */
  readonly group: number;
}

export function injectionExample(
  row: InjectionRow,
  embedding: Float32Array,
  group: number,
): InjectionExample {
  const segmentTexts = segmentsOf(row.text);
  return {
    row,
    segmentTexts,
    segments: segmentTexts.map((segment) => ngramVector(segment, BUCKETS)),
    whole: ngramVector(row.text, BUCKETS),
    embedding,
    group,
  };
}

const INNER_FOLDS = 5;
/** At this probability of the trained model the guardrail acts: shifted to 0.5. */
const ACTS_AT = 0.6;

/** The model of these examples. */
export function trainInjection(examples: readonly InjectionExample[]): InjectionModel {
  const counts = new Map<string, number>();
  const kind = ({ row }: InjectionExample): string => `${row.source} ${row.attack}`;
  for (const example of examples) counts.set(kind(example), (counts.get(kind(example)) ?? 0) + 1);
  const vectors: LabelledVector[] = [];
  for (let fold = 0; fold < INNER_FOLDS; fold += 1) {
    const model = trainSegments(examples.filter((example) => example.group % INNER_FOLDS !== fold));
    for (const example of examples.filter((example) => example.group % INNER_FOLDS === fold))
      vectors.push({
        sparse: NO_SPARSE,
        dense: finalVector(segmentMeasures(model, example.segments, example.whole), example.embedding),
        label: example.row.attack,
        weight: Math.sqrt(300 / (counts.get(kind(example)) as number)),
      });
  }
  const whole = trainLogistic(vectors, {
    buckets: 1,
    dimensions: MEASURES + 512,
    epochs: 20,
    rate: 0.2,
    sparsePenalty: 0,
    densePenalty: 1e-3,
  });
  return {
    segments: trainSegments(examples),
    whole: { ...whole, bias: whole.bias - Math.log(ACTS_AT / (1 - ACTS_AT)) },
  };
}

function trainSegments(examples: readonly InjectionExample[]): LinearModel {
  return trainLogistic(examples.flatMap(segmentVectors), {
    buckets: BUCKETS,
    dimensions: 0,
    epochs: 12,
    rate: 0.5,
    sparsePenalty: 1e-5,
    densePenalty: 0,
  });
}

/** A harmless text is harmless in every segment; of a planted attack the planted part is known; any other attack is one as a whole. */
function segmentVectors({ row, segmentTexts, segments, whole }: InjectionExample): LabelledVector[] {
  const one = (sparse: SparseVector, label: boolean, weight: number): LabelledVector => ({
    sparse,
    dense: [],
    label,
    weight,
  });
  if (!row.attack) return [one(whole, false, 1), ...segments.map((segment) => one(segment, false, 1))];
  const planted = row.injected;
  if (planted !== undefined)
    return segments.map((segment, index) => {
      const text = segmentTexts[index] as string;
      const isPlanted =
        planted.includes(text.slice(0, 40)) ||
        text.includes(planted.slice(0, 40)) ||
        text.includes(planted.slice(-30));
      return one(segment, isPlanted, isPlanted ? 2 : 0.5);
    });
  return [
    one(whole, true, 1),
    ...(segments.length <= 2 ? segments.map((segment) => one(segment, true, 0.3)) : []),
  ];
}
