// Trains the injection models on all rows and writes their weights: `node scripts/train-injection.ts`.
import { packModel } from '../src/safety/learning/packed-model.ts';
import { needRows, nearDuplicateGroups } from './training/data.ts';
import { everydayRows } from './training/everyday-rows.ts';
import { embedAll } from './training/embed-rows.ts';
import { injectionExample, trainInjection } from './training/injection-model.ts';
import { writeWeights } from './training/write-weights.ts';

const rows = [...needRows('injection.jsonl'), ...everydayRows()];
const groups = nearDuplicateGroups(rows.map((row) => row.text));
const embeddings = await embedAll(rows.map((row) => row.text));
const model = trainInjection(
  rows.map((row, index) => injectionExample(row, embeddings[index] as Float32Array, groups[index] as number)),
);
writeWeights('prompt-injection', { segments: packModel(model.segments), whole: packModel(model.whole) });
