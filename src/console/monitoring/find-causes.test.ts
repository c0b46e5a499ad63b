// Planted causes through a real ledger and its queries: each is named, and none where nothing changed. The pure search has many more runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sentenceEncoder } from '../../embeddings/sentence-encoder.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { observedMetric } from '../../monitoring/cause/observed-metrics.ts';
import { seededUniform } from '../../statistics/seeded.ts';
import { openLedger } from '../../storage/ledger/ledger-child.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { encodeFrame } from '../../storage/spool/frame.ts';
import { sampleBegin, sampleEnd } from '../../storage/testing/sample-rows.ts';
import { findCauses, type FoundCauses } from './find-causes.ts';

type Plant = 'model_version' | 'prompt_version' | 'traffic_mix' | 'provider_latency' | 'routing';

const START = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;
const SIZE = 800;
const QUESTIONS = {
  billing: [
    'Why was my card charged twice?',
    'Can I get a copy of my invoice?',
    'The refund is not on my account.',
  ],
  delivery: ['Where is my parcel?', 'The courier never came.', 'Can I change the delivery address?'],
  technical: [
    'My router drops the connection every few minutes and the lights blink red. I have restarted it twice and changed the cable. What else can I try?',
    'After the firmware update the printer no longer answers over the wireless network, although the telephone and the laptop are online as they always were.',
  ],
};

let folder: string;
let ledger: LedgerClient;

function gaussian(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

function frame(at: number, uniform: () => number, plants: ReadonlySet<Plant>): Buffer {
  const draw = uniform();
  const [billing, delivery] = plants.has('traffic_mix') ? [0.15, 0.3] : [0.5, 0.8];
  const topic = draw < billing ? 'billing' : draw < delivery ? 'delivery' : 'technical';
  const questions = QUESTIONS[topic];
  const question = questions[Math.floor(uniform() * questions.length)] as string;
  const model = topic === 'technical' || (plants.has('routing') && uniform() < 0.6) ? 'large' : 'small';
  const version = plants.has('prompt_version') ? '3.2' : '3.1';
  const answered = `${model}-${plants.has('model_version') && model === 'large' ? '0613' : '0314'}`;
  const tokens = Math.exp(
    5 +
      (topic === 'technical' ? 0.7 : 0) +
      (model === 'large' ? 0.5 : 0) +
      (version === '3.2' ? 0.35 : 0) +
      (answered.endsWith('0613') ? 0.6 : 0) +
      0.4 * gaussian(uniform),
  );
  const latency =
    (300 + tokens * 8) * Math.exp(0.2 * gaussian(uniform)) * (plants.has('provider_latency') ? 1.5 : 1);
  const begin = sampleBegin(newId('int', at), at, {
    model,
    version,
    end_user: `user-${Math.floor(uniform() * 40)}`,
  });
  const end = sampleEnd(begin, 1n, 0, {
    usage: { input: 0, cache_read: 0, cache_write: 0, output: Math.round(tokens), reasoning: 0 },
    answered_model: answered,
    latency_ms: latency + 20,
    request_payload: JSON.stringify({ messages: [{ role: 'user', content: question }] }),
    response_payload: JSON.stringify({ text: 'An answer.' }),
  });
  const [attempt] = end.attempts;
  if (attempt !== undefined) attempt.latency_ms = latency;
  return encodeFrame(end);
}

/** Live traffic whose answers grow by half for no reason that is recorded, and probes of its model beside it. */
async function recordUnseen(scenario: number, probesGrow: number): Promise<void> {
  const uniform = seededUniform(90 + scenario);
  const frames = Array.from({ length: 2 * SIZE }, (_, row) => {
    const at = changeOf(scenario) + (row - SIZE) * 1_000;
    const isProbe = row % 10 === 0;
    const grown = row < SIZE ? 1 : isProbe ? probesGrow : 1.5;
    const question = `Question ${(row / 10) % 8} of the fixed set.`;
    const begin = sampleBegin(newId('int', at), at, { model: 'large', tags: isProbe ? ['probe'] : [] });
    const output = Math.round(200 * grown * (0.7 + 0.6 * uniform()));
    const end = sampleEnd(begin, 1n, 0, {
      usage: { input: 0, cache_read: 0, cache_write: 0, output, reasoning: 0 },
      request_payload: JSON.stringify({
        messages: [{ role: 'user', content: isProbe ? question : 'Where is my parcel?' }],
      }),
      response_payload: JSON.stringify({ text: 'An answer.' }),
    });
    return encodeFrame(end);
  });
  await ledger.ingest({ name: `a/unseen ${scenario}`, frames: Buffer.concat(frames) });
}

const scenarios: [name: string, plants: Plant[], metric: string][] = [
  ['nothing', [], 'avg_tokens_per_request'],
  ['the model version', ['model_version'], 'avg_tokens_per_request'],
  ['the prompt', ['prompt_version'], 'avg_tokens_per_request'],
  ['the traffic', ['traffic_mix'], 'avg_tokens_per_request'],
  ['the provider', ['provider_latency'], 'latency_p90'],
  ['the routing', ['routing'], 'avg_tokens_per_request'],
  ['model version and prompt', ['model_version', 'prompt_version'], 'avg_tokens_per_request'],
];

const changeOf = (scenario: number): number => START + (scenario + 1) * 30 * DAY;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-causes-'));
  ledger = await openLedger({ directory: folder, logger: silentLogger });
  for (const [index, [name, plants]] of scenarios.entries()) {
    const uniform = seededUniform(11 + index);
    const frames = Array.from({ length: 2 * SIZE }, (_, row) =>
      frame(changeOf(index) + (row - SIZE) * 1_000, uniform, new Set(row < SIZE ? [] : plants)),
    );
    await ledger.ingest({ name: `a/${name}`, frames: Buffer.concat(frames) });
  }
  await recordUnseen(scenarios.length, 1.5);
  await recordUnseen(scenarios.length + 1, 1);
}, 60_000);

afterAll(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const encoder = sentenceEncoder();

async function explained(index: number, metric: string): Promise<FoundCauses> {
  const observed = observedMetric(metric);
  if (observed === undefined) throw new Error(metric);
  return findCauses(
    {
      ledger,
      served: () => null,
      embed: (texts) => encoder.embed(texts),
      detectLanguage: async () => 'en',
    },
    {
      metric,
      valueSql: observed.sql,
      kind: observed.kind,
      prompt: '',
      model: '',
      around: changeOf(index) + 5_000,
      tolerance: 60_000,
      now: changeOf(index) + SIZE * 1_000,
    },
  );
}

it.each(scenarios.map(([name, plants, metric], index) => ({ name, plants, metric, index })))(
  'where $name moved it says so',
  async ({ plants, metric, index }) => {
    const { explanation, examples } = await explained(index, metric);
    expect(explanation.causes.map(({ name }) => name).sort()).toEqual([...plants].sort());
    expect(explanation.note).toBe('');
    expect(examples.before).toHaveLength(10);
    expect(examples.after).toHaveLength(10);
    if (plants.length > 0)
      expect(Math.abs(Date.parse(explanation.changed_at) - changeOf(index))).toBeLessThan(60_000);
  },
);

it('what nothing recorded explains is the model where probes moved with it, and not where they did not', async () => {
  const metric = 'avg_tokens_per_request';
  const moved = (await explained(scenarios.length, metric)).explanation;
  expect(moved.causes.map(({ name }) => name)).toEqual(['upstream_behaviour']);
  expect(moved.probes).toMatchObject([{ model: 'large', verdict: 'moved' }]);
  expect((moved.probes[0]?.after ?? 0) / (moved.probes[0]?.before ?? 1)).toBeCloseTo(1.5, 1);
  const same = (await explained(scenarios.length + 1, metric)).explanation;
  expect(same.causes).toEqual([]);
  expect(same.probes).toMatchObject([{ model: 'large', verdict: 'unchanged' }]);
  expect((same.after ?? 0) / (same.before ?? 1)).toBeCloseTo(1.5, 1);
});
