// Writes the example's simulated judge: a grade for each recorded answer to a case of its suite, and simulated human grades beside some.
// The grade follows how much of the right answer's words an answer says. Run again when the judge's prompt, the cases or the recorded
// answers change: `node scripts/record-example-judge.ts`.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { judgePrompt } from '../src/scoring/judge/judge-prompt.ts';
import { seededUniform } from '../src/statistics/seeded.ts';
import { judgeSchema } from '../src/workspace/schemas/judge.ts';
import { caseSchema } from '../src/workspace/schemas/suite.ts';

const example = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src/workspace/example');
const recorded = z.object({ question: z.string(), model: z.string(), answer: z.string() });
const MOST_RATED = 30;

async function lines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const text = await readFile(join(example, path), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => schema.parse(JSON.parse(line)));
}

function words(text: string): Set<string> {
  return new Set((text.toLowerCase().match(/[a-z0-9$]{3,}/g) ?? []).map((word) => word.slice(0, 5)));
}

/** 1 to 5 by the share of the reference's words that the answer says. */
function grade(answer: string, reference: string): number {
  const wanted = [...words(reference)];
  const said = words(answer);
  const share = wanted.filter((word) => said.has(word)).length / wanted.length;
  return 1 + [0.15, 0.3, 0.42, 0.55].filter((bound) => share >= bound).length;
}

const judge = judgeSchema.parse(
  parse(await readFile(join(example, '3-quality/judges/helpfulness.yaml'), 'utf8')),
);
const cases = await lines('3-quality/suites/support-questions.jsonl', caseSchema);
const answers = await lines('1-start/recordings/support-desk.jsonl', recorded);
const uniform = seededUniform(11);
const verdicts: string[] = [];
const ratings: string[] = [];
for (const one of cases) {
  const question = one.variables['question'] ?? '';
  const reference = typeof one.reference === 'string' ? one.reference : '';
  for (const { answer, model } of answers.filter((recording) => recording.question === question)) {
    const context = one.context ?? one.variables['context'];
    const rating = grade(answer, reference);
    const asked = judgePrompt(judge, { question, response: answer, context, reference });
    const told = `Rating: ${rating}\nExplanation: simulated grade, by the share of the right answer's words it says`;
    verdicts.push(JSON.stringify({ question: asked, model: 'simulated-judge', answer: told }));
    const human = Math.min(5, Math.max(1, rating + (uniform() < 0.3 ? (uniform() < 0.5 ? -1 : 1) : 0)));
    const isRated = ratings.filter((line) => line.includes('"human"')).length < MOST_RATED && uniform() < 0.5;
    ratings.push(
      JSON.stringify({
        item: `${model}: ${question}`,
        judge: rating,
        ...(isRated ? { human } : {}),
        stream: 'simulated',
      }),
    );
  }
}
await writeFile(join(example, '3-quality/recordings/judge-helpfulness.jsonl'), `${verdicts.join('\n')}\n`);
await writeFile(join(example, '3-quality/recordings/human-ratings.jsonl'), `${ratings.join('\n')}\n`);
console.log(
  `${verdicts.length} grades, ${ratings.filter((line) => line.includes('"human"')).length} of them with a human one`,
);
