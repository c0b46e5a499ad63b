// A workspace over the recorded answers of answers.jsonl: one prompt version a system prompt, the recorded verdicts as the judge. Made in a
// scratch folder; nothing of the data is kept.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedPrices } from '../../src/app/catalogue.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { judgePrompt } from '../../src/scoring/judge/judge-prompt.ts';
import { openWorkspace, type OpenedWorkspace } from '../../src/workspace/open-workspace.ts';
import { judgeSchema } from '../../src/workspace/schemas/judge.ts';

export const ANSWERS = '../shared/data/answers.jsonl';

export interface AnswerRow {
  readonly instruction: string;
  readonly answers: Readonly<Record<string, { readonly text: string; readonly [verdict: string]: unknown }>>;
}

export const VARIANTS = { concise: '2.0', plain: '1.0', verbose: '3.0' } as const;
export type Variant = keyof typeof VARIANTS;

/** The recorded model behind each variant. */
export const RECORDED: Readonly<Record<Variant, string>> = {
  plain: 'gpt-3.5-turbo',
  concise: 'gpt-3.5-turbo+concise',
  verbose: 'gpt-3.5-turbo+verbose',
};

export async function readAnswers(): Promise<AnswerRow[]> {
  const text = await readFile(ANSWERS, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AnswerRow);
}

/** Share won against gpt-4-turbo, 0..1. */
export function verdictOf(row: AnswerRow, variant: Variant): number {
  return Number(row.answers[RECORDED[variant]]?.['win_vs_gpt4_turbo']);
}

const JUDGE = {
  rubric: 'The share of the comparison that the response wins.',
  scale: { minimum: 0, maximum: 1 },
  model: 'recorded-judge',
  prompt_template:
    'Question: {question}\nResponse: {response}\n{rubric}\nRating: [{minimum}-{maximum}]\nExplanation:\n',
};

function promptFile(variant: Variant): string {
  const system = { plain: 'You answer.', concise: 'You answer concisely.', verbose: 'You answer at length.' };
  return [
    `prompt_id: "assistant-v${VARIANTS[variant]}"`,
    `model: "${variant}"`,
    `system_prompt: "${system[variant]}"`,
    'user_prompt_template: "{instruction}"',
    'max_tokens: 2000',
    'suite: answers',
  ].join('\n');
}

function modelsFile(): string {
  const price = 'prices: [{ input: "3", output: "6" }]';
  const models = Object.entries(RECORDED).map(
    ([variant, upstream]) => `  ${variant}: { provider: recorded, upstream_model: "${upstream}", ${price} }`,
  );
  return [
    'providers:',
    '  recorded: { kind: replay, simulated: true, options: { file: recordings/answers.jsonl } }',
    '  verdicts: { kind: replay, simulated: true, options: { file: recordings/verdicts.jsonl } }',
    'models:',
    ...models,
    '  recorded-judge: { provider: verdicts, prices: [{ input: "10", output: "30" }] }',
  ].join('\n');
}

export interface AnswersWorkspace {
  readonly folder: string;
  readonly opened: OpenedWorkspace;
  readonly rows: readonly AnswerRow[];
  /** The verdict each judge prompt is answered with: where two variants answered alike, they share one. */
  readonly verdicts: ReadonlyMap<string, number>;
  readonly verdictFor: (row: AnswerRow, variant: Variant) => number;
}

/** `gate` is YAML, on one line. */
export function writeSuite(folder: string, gate: string): Promise<void> {
  const lines = [
    'prompt: assistant',
    'cases_from: [{ file: suites/cases.jsonl }]',
    'scorers: [{ scorer: "judge:verdict" }]',
    `gate: ${gate}`,
  ];
  return writeFile(join(folder, 'suites/answers.yaml'), lines.join('\n'));
}

export function openAnswersWorkspace(folder: string): Promise<OpenedWorkspace> {
  return openWorkspace(folder, { clock: systemClock, cataloguePrices: shippedPrices });
}

/** Writes it into a folder. `gate` is YAML for the suite's gate, on one line. */
export async function makeAnswersWorkspace(folder: string, gate: string): Promise<AnswersWorkspace> {
  const rows = await readAnswers();
  for (const name of ['prompts', 'suites', 'judges', 'recordings'])
    await mkdir(join(folder, name), { recursive: true });
  const judge = judgeSchema.parse(JUDGE);
  const verdicts = new Map<string, number>();
  const promptFor = (row: AnswerRow, variant: Variant): string =>
    judgePrompt(judge, {
      question: row.instruction,
      response: row.answers[RECORDED[variant]]?.text ?? '',
    }).trim();
  for (const row of rows)
    for (const variant of Object.keys(VARIANTS) as Variant[])
      verdicts.set(promptFor(row, variant), verdictOf(row, variant));
  const lines = (values: readonly unknown[]): string =>
    `${values.map((value) => JSON.stringify(value)).join('\n')}\n`;
  const write = (path: string, text: string): Promise<void> => writeFile(join(folder, path), text);
  await write('binnacle.yaml', 'name: answers\ngateway: { durability: process }\n');
  await write('models.yaml', modelsFile());
  await write('judges/verdict.yaml', JSON.stringify(JUDGE));
  await write('recordings/answers.jsonl', lines(rows));
  await write(
    'recordings/verdicts.jsonl',
    lines(
      [...verdicts].map(([question, verdict]) => ({
        question,
        answer: `Rating: ${verdict.toFixed(6)}\nExplanation: recorded`,
      })),
    ),
  );
  await write('suites/cases.jsonl', lines(rows.map(({ instruction }) => ({ variables: { instruction } }))));
  await writeSuite(folder, gate);
  for (const variant of Object.keys(VARIANTS) as Variant[])
    await write(`prompts/${variant}.yaml`, promptFile(variant));
  const opened = await openAnswersWorkspace(folder);
  return {
    folder,
    opened,
    rows,
    verdicts,
    verdictFor: (row, variant) => verdicts.get(promptFor(row, variant)) ?? Number.NaN,
  };
}
