// Recorded answers of seven models replayed through a whole installation, streamed and not: what clients saw, what the ledger holds, and
// what it must have cost by a calculation that shares no code with the product.
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { encode } from 'gpt-tokenizer/encoding/cl100k_base';
import { z } from 'zod';
import { scratchFolder, startUp, stopUp } from './installation.ts';

export const RECORDED_ANSWERS = resolve(import.meta.dirname, '../../../shared/data/answers.jsonl');

/** Ten-millionths of a dollar a token, input and output: the prices of the data's README (US$ per 1,000 tokens) × 10^4. */
const MODELS: Readonly<Record<string, readonly [input: bigint, output: bigint]>> = {
  'gpt-4-turbo': [100n, 300n],
  'gpt-3.5-turbo': [30n, 60n],
  'gpt-3.5-turbo+concise': [30n, 60n],
  'gpt-3.5-turbo+verbose': [30n, 60n],
  'llama-2-13b-chat': [5n, 5n],
  'claude-2.1': [80n, 240n],
  'claude-instant-1.2': [8n, 24n],
};
const UNIT_DIGITS = 7;
const AT_ONCE = 16;

export interface ReplayFigures {
  readonly sent: number;
  readonly unequalTexts: number;
  readonly recorded: number;
  readonly missing: number;
  readonly doubled: number;
  /** Interactions whose own cost differs from the calculation. */
  readonly wrongCosts: number;
  readonly sumLedger: string;
  readonly sumCalculated: string;
  readonly seconds: number;
}

interface Answered {
  readonly id: string;
  readonly isEqual: boolean;
  readonly cost: bigint;
}

interface Recorded {
  readonly id: string;
  readonly status: string;
  readonly cost_usd: string | null;
}

interface Question {
  readonly instruction: string;
  readonly answers: Readonly<Record<string, { readonly text: string }>>;
}

/** Tokens as ordinary text: what looks like a control token in an answer is text too. */
const tokens = (text: string): bigint => BigInt(encode(text, { disallowedSpecial: new Set() }).length);

/** A decimal string of dollars in units of 10^-7; throws on finer amounts. */
function units(dollars: string): bigint {
  const [whole = '0', fraction = ''] = dollars.split('.');
  if (!/^\d*$/.test(fraction) || /[^0]/.test(fraction.slice(UNIT_DIGITS)))
    throw new Error(`${dollars} is finer than any price here`);
  return (
    BigInt(whole) * 10n ** BigInt(UNIT_DIGITS) +
    BigInt(fraction.padEnd(UNIT_DIGITS, '0').slice(0, UNIT_DIGITS))
  );
}

function dollars(amount: bigint): string {
  const text = amount.toString().padStart(UNIT_DIGITS + 1, '0');
  return `${text.slice(0, -UNIT_DIGITS)}.${text.slice(-UNIT_DIGITS)}`.replace(/\.?0+$/, '');
}

/** A recorded model's id in models.yaml, where `+` has no place. */
const idOf = (model: string): string => model.replaceAll('+', '-');

async function writeWorkspace(folder: string): Promise<void> {
  const perMillion = (price: bigint): string => (Number(price) / 10).toString();
  const models = Object.entries(MODELS).map(
    ([name, [input, output]]) =>
      `  "${idOf(name)}": { provider: recorded, upstream_model: "${name}", prices: [{ input: "${perMillion(input)}", output: "${perMillion(output)}" }] }`,
  );
  await mkdir(join(folder, 'prompts'), { recursive: true });
  await writeFile(join(folder, 'binnacle.yaml'), 'name: replay\ngateway: { durability: process }\n');
  await writeFile(
    join(folder, 'models.yaml'),
    [
      'providers:',
      `  recorded: { kind: replay, simulated: true, options: { file: ${JSON.stringify(RECORDED_ANSWERS)} } }`,
      'models:',
      ...models,
      '',
    ].join('\n'),
  );
}

/** The text of an event stream, read by hand. */
function streamedText(body: string): string {
  let text = '';
  for (const line of body.split('\n')) {
    if (!line.startsWith('data: {')) continue;
    const chunk = JSON.parse(line.slice(6)) as { choices?: { delta?: { content?: string } }[] };
    text += chunk.choices?.[0]?.delta?.content ?? '';
  }
  return text;
}

async function ask(gateway: string, question: Question, model: string, stream: boolean): Promise<Answered> {
  const answer = await fetch(`${gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: idOf(model),
      stream,
      messages: [{ role: 'user', content: question.instruction }],
    }),
  });
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`the gateway answered ${answer.status}: ${body.slice(0, 500)}`);
  const whole = stream
    ? streamedText(body)
    : ((JSON.parse(body) as { choices: { message: { content: string | null } }[] }).choices[0]?.message
        .content ?? '');
  const wanted = question.answers[model]?.text ?? '';
  const [input, output] = MODELS[model] ?? [0n, 0n];
  return {
    id: answer.headers.get('x-binnacle-interaction') ?? '',
    isEqual: whole === wanted,
    cost: input * tokens(question.instruction) + output * tokens(wanted),
  };
}

const pageSchema = z.object({
  interactions: z.array(z.object({ id: z.string(), status: z.string(), cost_usd: z.string().nullable() })),
  next_cursor: z.string().nullable(),
});

async function recordedRows(consoleUrl: string): Promise<Recorded[]> {
  const rows: Recorded[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`${consoleUrl}/api/interactions?limit=500${query}`);
    const page = pageSchema.parse(await answer.json());
    rows.push(...page.interactions);
    cursor = page.next_cursor;
  }
  return rows;
}

/** All rows as soon as there are `wanted` of them, or after a minute what there is. */
async function settledRows(consoleUrl: string, wanted: number): Promise<Recorded[]> {
  for (const until = Date.now() + 60_000; ;) {
    const rows = await recordedRows(consoleUrl);
    if (rows.length >= wanted || Date.now() > until) return rows;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** Replays the first `questions` instructions (all by default) with every model, streamed and not. */
export async function replayAnswers(questions = Number.POSITIVE_INFINITY): Promise<ReplayFigures> {
  const lines = readFileSync(RECORDED_ANSWERS, 'utf8').trimEnd().split('\n');
  const asked = lines.slice(0, questions).map((line) => JSON.parse(line) as Question);
  using folder = scratchFolder();
  await writeWorkspace(folder.path);
  const started = await startUp(folder.path, ['--port', '0', '--console-port', '0']);
  const begun = performance.now();
  try {
    const jobs = asked.flatMap((question) =>
      Object.keys(MODELS).flatMap((model) => [false, true].map((stream) => ({ question, model, stream }))),
    );
    const waiting = jobs.values();
    const answered: Answered[] = [];
    const worker = async (): Promise<void> => {
      for (const { question, model, stream } of waiting)
        answered.push(await ask(started.running.gateway, question, model, stream));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const seconds = (performance.now() - begun) / 1000;
    const rows = await settledRows(started.running.console, jobs.length);
    return { sent: jobs.length, seconds, ...held(answered, rows) };
  } finally {
    await stopUp(started);
  }
}

/** What clients saw held against what is recorded. Pure. */
function held(
  answered: readonly Answered[],
  rows: readonly Recorded[],
): Omit<ReplayFigures, 'sent' | 'seconds'> {
  const byId = Map.groupBy(rows, ({ id }) => id);
  const costOf = (id: string): bigint => units(byId.get(id)?.[0]?.cost_usd ?? '0');
  const total = (amounts: readonly bigint[]): string =>
    dollars(amounts.reduce((sum, each) => sum + each, 0n));
  return {
    unequalTexts: answered.filter(({ isEqual }) => !isEqual).length,
    recorded: rows.length,
    missing: answered.filter(({ id }) => !byId.has(id)).length,
    doubled: [...byId.values()].filter((same) => same.length > 1).length,
    wrongCosts: answered.filter(({ id, cost }) => costOf(id) !== cost).length,
    sumLedger: total(rows.map(({ cost_usd }) => units(cost_usd ?? '0'))),
    sumCalculated: total(answered.map(({ cost }) => cost)),
  };
}
