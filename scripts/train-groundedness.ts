// Trains the groundedness model on all rows and writes its weights: `node scripts/train-groundedness.ts`.
import { needRows } from './training/data.ts';
import { groundedExample, trainGrounded } from './training/grounded-model.ts';
import { writeWeights } from './training/write-weights.ts';

const model = trainGrounded(needRows('grounded.jsonl').map(groundedExample));
writeWeights('groundedness', {
  bias: model.bias,
  dense: [...model.dense].map((weight) => Number(weight.toPrecision(6))),
});
