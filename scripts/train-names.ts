// Trains the tagger of names on all labelled rows and writes its weights: `node scripts/train-names.ts`.
import { packScaled } from '../src/safety/learning/packed.ts';
import { needRows } from './training/data.ts';
import { NAME_TRAINING, trainNames } from './training/name-model.ts';
import { writeWeights } from './training/write-weights.ts';

const { model, bits } = trainNames(needRows('pii.jsonl'));
writeWeights('names', {
  caution: NAME_TRAINING.caution,
  features: packScaled(model.weights.features),
  transitions: packScaled(model.weights.transitions),
  gazetteer: Buffer.from(bits).toString('base64'),
});
