// Groundedness on BEGIN, five folds, answers to near-identical contexts together.
import { foldOf, needRows, nearDuplicateGroups } from '../../scripts/training/data.ts';
import { groundedExample, trainGrounded } from '../../scripts/training/grounded-model.ts';
import { areaUnderCurve } from '../../scripts/training/measures.ts';
import { groundedScore } from '../../src/safety/groundedness/classify.ts';
import { atLeast, type Figure } from './figure.ts';

const FOLDS = 5;

export function measureGroundedness(): Figure[] {
  const rows = needRows('grounded.jsonl');
  const groups = nearDuplicateGroups(rows.map((row) => row.context));
  const examples = rows.map(groundedExample);
  const scored: { score: number; label: boolean }[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const isTested = (_: unknown, index: number): boolean => foldOf(String(groups[index]), FOLDS) === fold;
    const model = trainGrounded(examples.filter((example, index) => !isTested(example, index)));
    for (const { row } of examples.filter(isTested))
      scored.push({ score: groundedScore(row.answer, row.context, model), label: row.grounded });
  }
  return [atLeast('groundedness AUC (BEGIN)', areaUnderCurve(scored), 0.94)];
}
