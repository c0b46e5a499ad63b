// Hate on HateCheck, five folds, all texts of a template together.
import { foldOf, needRows } from '../../scripts/training/data.ts';
import { embedAll } from '../../scripts/training/embed-rows.ts';
import { hateExample, isHateful, trainHate } from '../../scripts/training/hate-model.ts';
import { areaUnderCurve, rates } from '../../scripts/training/measures.ts';
import { toxicityScore } from '../../src/safety/hate/classify.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

const FOLDS = 5;

export async function measureHate(): Promise<Figure[]> {
  const rows = needRows('toxicity.jsonl');
  const embeddings = await embedAll(rows.map((row) => row.test_case));
  const examples = rows.map((row, index) => ({
    ...hateExample(row, embeddings[index] as Float32Array),
    embedding: embeddings[index] as Float32Array,
  }));
  const scored: { score: number; label: boolean; functionality: string }[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const isTested = ({ row }: (typeof examples)[number]): boolean => foldOf(row.templ_id, FOLDS) === fold;
    const model = trainHate(examples.filter((example) => !isTested(example)));
    for (const { row, embedding } of examples.filter(isTested))
      scored.push({
        score: toxicityScore(row.test_case, embedding, model),
        label: isHateful(row),
        functionality: row.functionality,
      });
  }
  const profane = scored.filter(({ functionality }) => functionality === 'profanity_nh');
  return [
    atLeast('hate balanced accuracy at the shipped threshold', rates(scored, 0.5).balanced, 0.8),
    atLeast('hate AUC (no bound set)', areaUnderCurve(scored), 0),
    atMost(
      'harmless profanity flagged as hate',
      profane.filter(({ score }) => score >= 0.5).length / profane.length,
      0.05,
    ),
  ];
}
