// Recorded answers asked for again and again, some questions much more often than others (Zipf), through a whole installation with a cached
// prompt: hits, money saved and money spent as clients count them, as `cost report` has them, and by a calculation that shares no code with
// the product; and how long a hit takes.
//
//   node test/end-to-end/cache-savings.ts [--requests 5000] [--questions 489]
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encode } from 'gpt-tokenizer/encoding/cl100k_base';
import { z } from 'zod';
import { seededUniform } from '../../src/statistics/seeded.ts';
import { runCommand, scratchFolder, startUp, stopUp } from './installation.ts';
import { RECORDED_ANSWERS } from './replayed-answers.ts';

/** Hundred-millionths of a US$ a token of gpt-4-turbo: US$ 0.01 and 0.03 per 1,000 tokens. */
const INPUT = 1000n;
const OUTPUT = 3000n;
/** Share of requests that go past the cache. */
const BYPASSING = 0.05;
const STREAMS = 0.3;
const AT_ONCE = 8;
/** Hits asked for one after another, to be timed. */
const TIMED = 500;

export interface CacheFigures {
  readonly requests: number;
  readonly distinct: number;
  readonly hits: { readonly seen: number; readonly calculated: number };
  readonly saved: { readonly reported: string; readonly calculated: string };
  readonly spent: { readonly reported: string; readonly calculated: string };
  readonly wrongTexts: number;
  readonly hitMs: { readonly p50: number; readonly p99: number };
}

interface Question {
  readonly instruction: string;
  readonly answers: Readonly<Record<string, { readonly text: string }>>;
}

interface Asked {
  readonly question: number;
  readonly stream: boolean;
  readonly bypass: boolean;
}

interface Seen {
  readonly cache: string;
  readonly text: string;
  readonly milliseconds: number;
}

async function writeWorkspace(folder: string): Promise<void> {
  await mkdir(join(folder, 'prompts'), { recursive: true });
  await writeFile(join(folder, 'binnacle.yaml'), 'name: cache\ngateway: { durability: process }\n');
  await writeFile(
    join(folder, 'models.yaml'),
    `providers:
  recorded: { kind: replay, simulated: true, options: { file: ${JSON.stringify(RECORDED_ANSWERS)} } }
models:
  gpt-4-turbo: { provider: recorded, upstream_model: gpt-4-turbo, prices: [{ input: "10", output: "30" }] }
`,
  );
  await writeFile(
    join(folder, 'prompts', 'ask.yaml'),
    'prompt_id: "ask-v1.0"\nmodel: "gpt-4-turbo"\nuser_prompt_template: "{question}"\ncache_ttl: 1h\n',
  );
}

/** Draws ranks with probability in proportion to 1/rank. */
function zipf(count: number, uniform: () => number): () => number {
  const sums: number[] = [];
  for (let rank = 1; rank <= count; rank += 1) sums.push((sums.at(-1) ?? 0) + 1 / rank);
  return () => {
    const drawn = uniform() * (sums.at(-1) ?? 0);
    return sums.findIndex((sum) => drawn < sum);
  };
}

const tokens = (text: string): bigint => BigInt(encode(text, { disallowedSpecial: new Set() }).length);

function dollars(units: bigint): string {
  const text = units.toString().padStart(9, '0');
  return `${text.slice(0, -8)}.${text.slice(-8)}`.replace(/\.?0+$/, '');
}

class Client {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(gateway: string) {
    this.#url = new URL('/v1/chat/completions', gateway);
  }

  ask(instruction: string, { stream, bypass }: Omit<Asked, 'question'>): Promise<Seen> {
    const body = JSON.stringify({ prompt: { id: 'ask', variables: { question: instruction } }, stream });
    const headers = { 'content-type': 'application/json', ...(bypass ? { 'x-binnacle-cache': 'off' } : {}) };
    const from = performance.now();
    return new Promise((resolve, reject) => {
      const sent = request(this.#url, { method: 'POST', agent: this.#agent, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        answer.on('end', () => {
          const milliseconds = performance.now() - from;
          if (answer.statusCode !== 200)
            return reject(new Error(`${answer.statusCode}: ${text.slice(0, 300)}`));
          resolve({ cache: String(answer.headers['x-binnacle-cache']), text, milliseconds });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The words of an answer, whole or streamed. */
function wordsOf(text: string, stream: boolean): string {
  if (!stream)
    return (
      (JSON.parse(text) as { choices: { message: { content: string } }[] }).choices[0]?.message.content ?? ''
    );
  const deltas = [...text.matchAll(/^data: (\{.*)$/gm)].map(
    ([, json = '{}']) =>
      (JSON.parse(json) as { choices?: { delta?: { content?: string } }[] }).choices?.[0]?.delta?.content ??
      '',
  );
  return deltas.join('');
}

const reportSchema = z.object({
  total: z.object({ requests: z.number(), cost_usd: z.string(), saved_usd: z.string() }),
});

/** `cost report --json`, once it counts all requests. */
async function costReport(folder: string, requests: number): Promise<z.output<typeof reportSchema>['total']> {
  for (const until = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
    const { code, out, err } = await runCommand(folder, ['cost', 'report', '--json', '--by', 'prompt']);
    if (code !== 0) throw new Error(err);
    const { total } = reportSchema.parse(JSON.parse(out));
    if (total.requests >= requests || Date.now() > until) return total;
  }
}

async function timeHits(client: Client, instruction: string): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < TIMED; count += 1) {
    const { cache, milliseconds } = await client.ask(instruction, { stream: false, bypass: false });
    if (cache !== 'hit') throw new Error('a hit was expected');
    times.push(milliseconds);
  }
  return times.sort((a, b) => a - b);
}

/** Runs the load; all of the recorded questions by default. */
export async function measureCache(requests: number, most = Number.POSITIVE_INFINITY): Promise<CacheFigures> {
  const lines = readFileSync(RECORDED_ANSWERS, 'utf8').trimEnd().split('\n').slice(0, most);
  const questions = lines.map((line) => JSON.parse(line) as Question);
  const uniform = seededUniform(11);
  const draw = zipf(questions.length, uniform);
  const load = Array.from({ length: requests }, (): Asked => {
    return { question: draw(), stream: uniform() < STREAMS, bypass: uniform() < BYPASSING };
  });
  using folder = scratchFolder();
  await writeWorkspace(folder.path);
  const started = await startUp(folder.path, ['--port', '0', '--console-port', '0']);
  const client = new Client(started.running.gateway);
  try {
    let hits = 0;
    let wrongTexts = 0;
    const waiting = load.values();
    const worker = async (): Promise<void> => {
      for (const asked of waiting) {
        const { instruction = '', answers = {} } = questions[asked.question] ?? {};
        const { cache, text } = await client.ask(instruction, asked);
        if (cache === 'hit') hits += 1;
        if (wordsOf(text, asked.stream) !== answers['gpt-4-turbo']?.text) wrongTexts += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const total = await costReport(folder.path, requests);
    const popular = load.find(({ bypass }) => !bypass)?.question ?? 0;
    const times = await timeHits(client, questions[popular]?.instruction ?? '');
    const at = (share: number): number => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(2));
    const { distinct, ...wanted } = calculated(questions, load);
    return {
      requests: total.requests,
      distinct,
      hits: { seen: hits, calculated: wanted.hits },
      saved: { reported: total.saved_usd, calculated: wanted.saved },
      spent: { reported: total.cost_usd, calculated: wanted.spent },
      wrongTexts,
      hitMs: { p50: at(0.5), p99: at(0.99) },
    };
  } finally {
    client.close();
    await stopUp(started);
  }
}

/** What must come out: of each question the first request that does not go past the cache is called, the others are hits. */
function calculated(
  questions: readonly Question[],
  load: readonly Asked[],
): { distinct: number; hits: number; saved: string; spent: string } {
  const known = new Set<number>();
  let [hits, saved, spent] = [0, 0n, 0n];
  for (const { question, bypass } of load) {
    const { instruction = '', answers = {} } = questions[question] ?? {};
    const cost = INPUT * tokens(instruction) + OUTPUT * tokens(answers['gpt-4-turbo']?.text ?? '');
    if (bypass || !known.has(question)) spent += cost;
    else {
      hits += 1;
      saved += cost;
    }
    if (!bypass) known.add(question);
  }
  return { distinct: known.size, hits, saved: dollars(saved), spent: dollars(spent) };
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { requests: { type: 'string', default: '5000' }, questions: { type: 'string', default: '489' } },
  });
  const figures = await measureCache(Number(values.requests), Number(values.questions));
  console.log(JSON.stringify(figures, null, 2));
  const isRight =
    figures.hits.seen === figures.hits.calculated &&
    figures.saved.reported === figures.saved.calculated &&
    figures.spent.reported === figures.spent.calculated &&
    figures.wrongTexts === 0;
  process.exitCode = isRight && figures.hitMs.p50 <= 1 ? 0 : 1;
}
