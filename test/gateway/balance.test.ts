// How calls are spread over the deployments of one model, by weight and by latency; and that an answer of a fallback is not kept as its model's.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelSnapshot } from '../../src/contract/snapshot.ts';
import { seededUniform } from '../../src/statistics/seeded.ts';
import { scratchSnapshot, startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

const scratch = scratchSnapshot('http://127.0.0.1:9');
const small = scratch.models['small'];
const version = scratch.prompts['customer-support']?.versions['3.2'];
if (small === undefined || version === undefined) throw new Error('the scratch workspace has them');

function over(balance: ModelSnapshot['balance'], weights: Readonly<Record<string, number>>): ModelSnapshot {
  const deployments = Object.entries(weights).map(([upstreamModel, weight]) => ({
    provider: 'mock',
    upstreamModel,
    weight,
  }));
  return { ...(small as ModelSnapshot), balance, deployments };
}

const cached = { ...version, name: 'cached', model: 'failing', parameters: {}, cacheTtlSeconds: 600 };
let gateway: ScratchGateway;
beforeAll(async () => {
  gateway = await startScratchGateway(
    {
      models: {
        ...scratch.models,
        weighted: over('weighted', { three: 3, one: 1, none: 0 }),
        quickest: over('least-latency', { slow: 1, quick: 1 }),
        failing: { ...over('weighted', { broken: 1 }), fallbacks: ['large'] },
      },
      prompts: { cached: { versions: { '3.2': cached }, labels: { production: '3.2' } } },
    },
    { random: seededUniform(7) },
  );
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function ask(body: object): Promise<Response> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ messages: [{ role: 'user', content: 'a b c' }], ...body }),
  });
  await answer.clone().text();
  return answer;
}

async function callsBy(model: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { attempts } of (await gateway.ends()).filter((row) => row.model === model))
    for (const { upstream_model } of attempts) counts[upstream_model] = (counts[upstream_model] ?? 0) + 1;
  return counts;
}

it('by weight: three times the weight gets three times the calls, and weight 0 none', async () => {
  for (let round = 0; round < 20; round += 1)
    await Promise.all(Array.from({ length: 20 }, async () => ask({ model: 'weighted' })));
  const { three = 0, one = 0, none } = await callsBy('weighted');
  expect(three + one).toBe(400);
  // Four standard deviations of a binomial with n = 400 and p = 3/4.
  expect(Math.abs(three - 300)).toBeLessThan(35);
  expect(none).toBeUndefined();
});

it('by latency: once both are known, the quick one is called', async () => {
  for (let count = 0; count < 40; count += 1) await ask({ model: 'quickest', stream: true });
  const { slow = 0, quick = 0 } = await callsBy('quickest');
  expect(slow + quick).toBe(40);
  expect(slow).toBeGreaterThanOrEqual(1);
  expect(slow).toBeLessThanOrEqual(3);
});

it('what a fallback answered is not kept as the answer of the model that failed', async () => {
  const body = { prompt: { id: 'cached', variables: { question: 'q', context: 'c' } } };
  for (const _ of [1, 2]) {
    const answer = await ask(body);
    expect([answer.status, answer.headers.get('x-binnacle-model')]).toEqual([200, 'large']);
    expect(answer.headers.get('x-binnacle-cache')).toBe('miss');
  }
});
