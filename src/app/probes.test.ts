// Probes through a whole console against a real upstream: the same questions go to each model on time, stay apart from users' traffic, cost
// no more than they may, and find a model that changes silently, while the one that does not change is left alone.
import { createServer, type Server } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Drift, Incident, MetricSeries } from '../contract/api-monitoring.ts';
import { ManualClock } from '../kernel/clock.ts';
import type { ComposedConsole } from './compose-console.ts';
import { composeScratchConsole } from './testing/scratch-console.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const MINUTE = 60_000;
const QUESTIONS = Array.from(
  { length: 8 },
  (_, index) => `Question ${index + 1}: what do I do about my parcel?`,
);
const CASES = ['Where is it?', 'Who pays?', 'Why so late?', 'Can I send it back?'];

const requestSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
});

/** Rows bear the real time, which the turned clock passes at its first round. */
const clock = new ManualClock(Date.now() - 10 * MINUTE);
const asked: { model: string; text: string }[] = [];
/** How long answers of a model are, in sentences. */
const sentences: Record<string, number> = { 'steady-1': 4, 'changing-1': 4 };
let failing = '';
let folder: string;
let upstream: Server;
let composed: ComposedConsole;

/** Of a length that varies with the question and from time to time. */
function answerTo(model: string, text: string): string {
  const own = (text.length + asked.length * 7) % 3;
  return 'Please look at the label of your parcel. '.repeat((sentences[model] ?? 1) + own).trim();
}

beforeAll(async () => {
  upstream = createServer((request, response) => {
    void json(request).then((body) => {
      const { model, messages } = requestSchema.parse(body);
      const text = messages.map(({ content }) => content).join('\n');
      asked.push({ model, text });
      response.statusCode = model === failing ? 500 : 200;
      response.setHeader('content-type', 'application/json');
      const message = { role: 'assistant', content: answerTo(model, text) };
      const usage = { prompt_tokens: 20, completion_tokens: 30, total_tokens: 50 };
      response.end(
        model === failing
          ? '{"error":{"message":"no"}}'
          : JSON.stringify({
              id: 'a',
              object: 'chat.completion',
              created: 1,
              model,
              choices: [{ index: 0, message, finish_reason: 'stop' }],
              usage,
            }),
      );
    });
  });
  await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'binnacle-probes-'));
  await writeWorkspace('1');
  composed = await composeScratchConsole(folder, clock);
  await composed.ledger.query('SELECT 1');
});

afterAll(async () => {
  await composed.close();
  upstream.closeAllConnections();
  await new Promise<unknown>((resolve) => upstream.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function writeWorkspace(limit: string): Promise<void> {
  const { port } = upstream.address() as AddressInfo;
  const files: Record<string, string> = {
    'binnacle.yaml': `name: probed\nprobes:\n  suite: fixed\n  questions: ${JSON.stringify(QUESTIONS)}\n  models: [steady, changing]\n  every: 10m\n  max_cost_usd_per_day: "${limit}"\n`,
    'models.yaml': `providers:\n  desk: { kind: openai, base_url: "http://127.0.0.1:${port}/v1", allow_private: true }\nmodels:\n  steady: { provider: desk, upstream_model: steady-1, prices: [{ input: "1", output: "1" }] }\n  changing: { provider: desk, upstream_model: changing-1, fallbacks: [steady], prices: [{ input: "1", output: "1" }] }\n`,
    'prompts/desk.yaml':
      'prompt_id: "desk-v1"\nmodel: steady\nuser_prompt_template: "Answer shortly: {question}"\nmax_tokens: 200\n',
    'suites/fixed.yaml': `prompt: desk\nversion: "1"\ncases:\n${CASES.map((text) => `  - variables: { question: "${text}" }\n`).join('')}scorers: [{ scorer: length }]\n`,
    'releases.yaml': 'desk: { production: "1" }\n',
  };
  mkdirSync(join(folder, 'prompts'), { recursive: true });
  mkdirSync(join(folder, 'suites'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

async function get<Body>(url: string): Promise<Body> {
  const headers = { authorization: 'Bearer the-admin-token', host: 'localhost:7071' };
  const answer = await composed.app.inject({ method: 'GET', url, headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Body>();
}

/** Ten minutes each: the round, what it recorded taken in, and drift read. */
async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) {
    clock.advance(10 * MINUTE);
    await composed.schedule.tick();
    clock.advance(MINUTE / 2);
    await composed.schedule.tick();
  }
}

it('asks every question of every model once a period', async () => {
  await rounds(1);
  const texts = [...QUESTIONS, ...CASES.map((text) => `Answer shortly: ${text}`)];
  for (const model of ['steady-1', 'changing-1'])
    expect(
      asked
        .filter((one) => one.model === model)
        .map(({ text }) => text)
        .sort(),
    ).toEqual(texts.sort());
  clock.advance(5 * MINUTE);
  await composed.schedule.tick();
  expect(asked).toHaveLength(2 * texts.length);
});

it('keeps them apart from users traffic, and lets no other model answer', async () => {
  failing = 'changing-1';
  const before = asked.filter(({ model }) => model === 'steady-1').length;
  await rounds(1);
  failing = '';
  expect(asked.filter(({ model }) => model === 'steady-1')).toHaveLength(before + 12);
  const tags = await composed.ledger.query<{ tags: string[]; model: string; n: number }>(
    'SELECT tags, model, count() AS n FROM ledger.interactions GROUP BY tags, model ORDER BY model',
  );
  expect(tags).toEqual([
    { tags: ['probe'], model: 'changing', n: 24 },
    { tags: ['probe'], model: 'steady', n: 24 },
  ]);
  const metrics = await get<MetricSeries>('/api/metrics?metric=requests,error_rate,cumulative_spend');
  expect(metrics.cells[0]?.values).toMatchObject({ requests: { value: null }, error_rate: { value: null } });
  expect(Number(metrics.cells[0]?.values['cumulative_spend']?.value)).toBeGreaterThan(0);
});

it('find the model that changed silently, and not the other', async () => {
  await rounds(8);
  expect(await get('/api/drift')).toEqual({ drifts: [] });
  sentences['changing-1'] = 9;
  await rounds(5);
  const { drifts } = await get<{ drifts: Drift[] }>('/api/drift');
  expect(new Set(drifts.map(({ stream }) => stream))).toEqual(
    new Set(['probe:@@changing', 'probe:desk@1@changing']),
  );
  expect(drifts.every(({ signal }) => signal === 'length')).toBe(true);
  const { incidents } = await get<{ incidents: Incident[] }>('/api/incidents');
  expect(incidents.map(({ title }) => title).sort()).toEqual([
    'Probes of changing changed: length',
    'Probes of changing to desk changed: length',
  ]);
  expect(incidents[0]?.timeline[0]?.text).toContain('the model changed, not the traffic');
});

it('stop for the day at their ceiling', async () => {
  const [spent] = await composed.ledger.query<{ total: string }>(
    'SELECT sum(cost_usd) AS total FROM ledger.interactions',
  );
  await writeWorkspace(String(Number(spent?.total ?? 0) + 0.0002));
  await vi.waitUntil(
    () => composed.workspace.opened().workspace.settings.value.probes?.max_cost_usd_per_day !== '1',
    { timeout: 20_000 },
  );
  const before = asked.length;
  await rounds(1);
  expect(asked.length - before).toBeLessThan(6);
});
