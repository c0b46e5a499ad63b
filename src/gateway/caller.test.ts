// Prompt tokens as limits and hard budgets go by them: by the tokenizer where it is the model's own, more where it is not, never below the text.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { estimateTextTokens } from '../models/estimate-tokens.ts';
import { countTokens } from '../models/tokens.ts';
import { promptTokens } from './caller.ts';
import type { Exchange } from './exchange.ts';
import type { ServingModel } from './serving-snapshot.ts';

const TEXT =
  'Where is my order 4711? It should have come on Monday (or so they said), and nobody answers. '.repeat(9);

function exchangeOf(...texts: string[]): Exchange {
  const messages = texts.map((text) => ({ role: 'user', parts: [{ type: 'text', text }] }));
  return { request: { messages }, counted: null } as unknown as Exchange;
}

function modelOf(upstreamModel: string): ServingModel {
  return { deployments: [{ target: { upstreamModel } }] } as unknown as ServingModel;
}

it.each([
  ['gpt-4o-mini', 'o200k_base', 1],
  ['gpt-4-turbo', 'cl100k_base', 1],
  ['claude-sonnet-4-5', 'o200k_base', 1.35],
] as const)('on %s', (name, vocabulary, factor) => {
  const exact = countTokens(TEXT, vocabulary);
  const tokens = promptTokens(exchangeOf(TEXT, TEXT), modelOf(name), 'counted');
  expect(tokens).toBeGreaterThanOrEqual(Math.ceil(2 * exact * factor));
  expect(tokens).toBeLessThanOrEqual(Math.ceil(2 * exact * factor) + 20);
});

it('is counted anew for a fallback with another vocabulary, and once for one with the same', () => {
  const exchange = exchangeOf('ご注文の商品は明日の午前中に発送されます。'.repeat(20));
  const newer = promptTokens(exchange, modelOf('gpt-4o'), 'counted');
  const { counted } = exchange;
  expect(promptTokens(exchange, modelOf('gpt-4o-mini'), 'counted')).toBe(newer);
  expect(exchange.counted).toBe(counted);
  expect(promptTokens(exchange, modelOf('gpt-4-turbo'), 'counted')).toBeGreaterThan(newer);
});

it('is counted anew for what a guardrail wrote in the place of a text', () => {
  const exchange = exchangeOf('Write to a@b.co.');
  const before = promptTokens(exchange, modelOf('gpt-4o'), 'counted');
  exchange.request = exchangeOf('Write to [EMAIL_ADDRESS REMOVED].').request;
  expect(promptTokens(exchange, modelOf('gpt-4o'), 'counted')).toBeGreaterThan(before);
});

it('is the cheap estimate where nothing goes by it', () => {
  const exchange = exchangeOf(TEXT);
  expect(promptTokens(exchange, modelOf('gpt-4o'), 'estimated')).toBeGreaterThanOrEqual(
    estimateTextTokens(TEXT),
  );
  expect(exchange.counted).toBeNull();
});

it('bounded is never less than counted, whatever the text', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.string({
      unit: fc.constantFrom('a', 'Z', ' ', '0', '\n', '.', 'é', 'क', '的', '🙂', '𝟘'),
      maxLength: 200,
    }),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), fc.constantFrom('gpt-4o', 'gpt-4-turbo'), (texts, name) => {
      const exchange = exchangeOf(...texts);
      const bounded = promptTokens(exchange, modelOf(name), 'bounded');
      expect(exchange.counted).toBeNull();
      expect(promptTokens(exchange, modelOf(name), 'counted')).toBeLessThanOrEqual(bounded);
    }),
    { numRuns: 500 },
  );
});
