// Trains the hate model on all rows and writes its weights: `node scripts/train-hate.ts`.
import { packModel } from '../src/safety/learning/packed-model.ts';
import { needRows } from './training/data.ts';
import { embedAll } from './training/embed-rows.ts';
import { hateExample, trainHate } from './training/hate-model.ts';
import { writeWeights } from './training/write-weights.ts';

const rows = needRows('toxicity.jsonl');
const embeddings = await embedAll(rows.map((row) => row.test_case));
writeWeights('hate', {
  ...packModel(trainHate(rows.map((row, index) => hateExample(row, embeddings[index] as Float32Array)))),
});
