// HumanEval through the python scorer: canonical solutions pass, each with a seeded bug fails, escapes are held.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { pythonScorer } from '../../src/scoring/python/python-scorer.ts';
import type { Scorer } from '../../src/scoring/scorer.ts';
import { seededUniform } from '../../src/statistics/seeded.ts';
import { runTests, testsRow } from './child.ts';
import { dataPath, exactly, type Part } from './part.ts';

const taskSchema = z.object({
  prompt: z.string(),
  entry_point: z.string(),
  canonical_solution: z.string(),
  test: z.string(),
});
type Task = z.output<typeof taskSchema>;

/** Each gives another value, and one of the other truth: tests that only ask `assert f(x)` see it too. */
const BUGS = [
  (value: string) => `not (${value})`,
  (value: string) => `[] if (${value}) else ['bug']`,
  (value: string) => `None if (${value}) else 'a wrong answer'`,
];

/** The last `return` of a solution spoilt in one of three ways; undefined where there is none on one line. */
function spoilt(solution: string, dice: () => number): string | undefined {
  const lines = solution.split('\n');
  const at = lines.findLastIndex((line) => /^\s+return .*[\w)\]'"]\s*$/.test(line));
  const [, indent, value] = /^(\s+)return (.*?)\s*$/.exec(lines[at] ?? '') ?? [];
  if (indent === undefined || value === undefined) return undefined;
  const bug = BUGS[Math.floor(dice() * BUGS.length)] ?? BUGS[0];
  return lines.with(at, `${indent}return ${(bug as (value: string) => string)(value)}`).join('\n');
}

async function passes(scorer: Scorer, task: Task, solution: string): Promise<boolean> {
  const codeTests = `${task.test}\ncheck(${task.entry_point})\n`;
  return (await scorer.score({ output: task.prompt + solution, codeTests })).score === 1;
}

export const generatedCode: Part = {
  name: 'generated-code',
  what: 'generated Python is judged by its tests, inside a barrier',
  data: ['humaneval.jsonl'],
  fast: false,
  timed: false,
  run: async ({ full }) => {
    const lines = readFileSync(dataPath('humaneval.jsonl'), 'utf8').trim().split('\n');
    const all = lines.map((line) => taskSchema.parse(JSON.parse(line)));
    const tasks = full ? all : all.filter((_, index) => index % 3 === 0);
    const scorer = pythonScorer();
    const dice = seededUniform(3);
    let [right, seeded, caught] = [0, 0, 0];
    try {
      for (const task of tasks) {
        right += Number(await passes(scorer, task, task.canonical_solution));
        const bug = spoilt(task.canonical_solution, dice);
        if (bug === undefined) continue;
        seeded += 1;
        caught += Number(!(await passes(scorer, task, bug)));
      }
    } finally {
      await scorer.close?.();
    }
    return [
      exactly('canonical solutions that pass', right, tasks.length),
      exactly(`seeded bugs that fail (in ${tasks.length} solutions)`, caught, seeded),
      testsRow(
        `loops, memory, files, environment, network and escapes are contained, ${full ? 5 : 2} rounds`,
        await runTests(
          ['src/scoring/python/python-scorer.test.ts', 'src/scoring/javascript/javascript-scorer.test.ts'],
          { ESCAPE_ROUNDS: full ? '5' : '2' },
        ),
      ),
    ];
  },
};
