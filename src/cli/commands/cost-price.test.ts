// The lines of `cost price`.
import { expect, test } from 'vitest';
import { priceOf } from './cost-price.ts';

const now = Date.parse('2026-11-01');

test('a priced line, an unknown model, a malformed line', () => {
  const usage = {
    prompt_tokens: 1000,
    completion_tokens: 100,
    prompt_tokens_details: { cached_tokens: 500 },
  };
  expect(priceOf({ model: 'gpt-4o', provider: 'openai', usage }, now)).toEqual({ cost_usd: '0.002875' });
  expect(priceOf({ model: 'nope', provider: 'openai', usage }, now)).toEqual({ cost_usd: null });
  for (const bad of [
    3,
    null,
    { model: 'gpt-4o', usage },
    { model: 'gpt-4o', provider: 'openai' },
    { model: 'gpt-4o', provider: 'openai', usage: { prompt_tokens: -5 } },
    { model: 'gpt-4o', provider: 'openai', usage, at: 'yesterday' },
  ])
    expect(priceOf(bad, now)).toHaveProperty('error');
});

test("the vendor's batch API is half price when the usage or the line says so", () => {
  const usage = { input_tokens: 1_000_000, output_tokens: 0, cache_read_input_tokens: 0 };
  const line = { model: 'claude-sonnet-4-6', provider: 'anthropic' };
  expect(priceOf({ ...line, usage }, now)).toEqual({ cost_usd: '3' });
  expect(priceOf({ ...line, usage: { ...usage, service_tier: 'batch' } }, now)).toEqual({ cost_usd: '1.5' });
  expect(priceOf({ ...line, usage, batch: true }, now)).toEqual({ cost_usd: '1.5' });
});
