// ROUGE and BLEU against the values of their reference implementations.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { bleuScorer } from '../../src/scoring/bleu/bleu-scorer.ts';
import { rougeScorer } from '../../src/scoring/rouge/rouge-scorer.ts';
import type { ScorerInput } from '../../src/scoring/scorer.ts';
import type { Scorer } from '../../src/scoring/scorer.ts';
import { atMost, dataPath, exactly, type Part } from './part.ts';

const KINDS = { rouge1: 'rouge-1', rouge2: 'rouge-2', rougeL: 'rouge-l', rougeLsum: 'rouge-lsum' } as const;

const rougeRow = z.object({
  metric: z.enum(['rouge1', 'rouge2', 'rougeL', 'rougeLsum']),
  stemmer: z.boolean().optional(),
  target: z.string(),
  prediction: z.string(),
  precision: z.number(),
  recall: z.number(),
  f: z.number(),
});
const bleuRow = z.object({
  metric: z.literal('bleu'),
  tokenize: z.custom<Parameters<typeof bleuScorer>[0]>((value) => typeof value === 'string'),
  hypotheses: z.array(z.string()),
  references: z.array(z.array(z.string())),
  score: z.number(),
});
const row = z.union([rougeRow, bleuRow]);

async function score(
  scorer: Scorer,
  input: ScorerInput,
): Promise<{ score: number; precision?: number; recall?: number }> {
  return (await scorer.score(input)) as { score: number; precision?: number; recall?: number };
}

export const textMetrics: Part = {
  name: 'text-metrics',
  what: 'ROUGE and BLEU equal their references',
  data: ['text-metrics.jsonl'],
  fast: true,
  timed: false,
  run: async () => {
    let [compared, worst] = [0, 0];
    const against = (ours: number | undefined, reference: number): void => {
      compared += 1;
      worst = Math.max(worst, Math.abs((ours ?? Number.POSITIVE_INFINITY) - reference));
    };
    const lines = readFileSync(dataPath('text-metrics.jsonl'), 'utf8').trim().split('\n');
    const read = lines.flatMap((line) => row.safeParse(JSON.parse(line)).data ?? []);
    for (const each of read) {
      if (each.metric === 'bleu') {
        const ours = await score(bleuScorer(each.tokenize), {
          output: each.hypotheses,
          reference: each.references,
        });
        against(ours.score, each.score / 100);
        continue;
      }
      const scorer = rougeScorer(KINDS[each.metric], each.stemmer === true);
      const ours = await score(scorer, { output: each.prediction, reference: each.target });
      against(ours.score, each.f);
      against(ours.precision, each.precision);
      against(ours.recall, each.recall);
    }
    return [
      exactly('reference rows read', read.length, lines.length),
      atMost(`largest difference over ${compared} values`, worst, 0.00005),
    ];
  },
};
