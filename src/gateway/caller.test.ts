// Prompt tokens as limits and hard budgets go by them: by the tokenizer where it is the model's own, more where it is not, never below the text.
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
  const tokens = promptTokens(exchangeOf(TEXT, TEXT), modelOf(name), true);
  expect(tokens).toBeGreaterThanOrEqual(Math.ceil(2 * exact * factor));
  expect(tokens).toBeLessThanOrEqual(Math.ceil(2 * exact * factor) + 20);
});

it('is counted anew for a fallback with another vocabulary, and once for one with the same', () => {
  const exchange = exchangeOf('ご注文の商品は明日の午前中に発送されます。'.repeat(20));
  const newer = promptTokens(exchange, modelOf('gpt-4o'), true);
  const { counted } = exchange;
  expect(promptTokens(exchange, modelOf('gpt-4o-mini'), true)).toBe(newer);
  expect(exchange.counted).toBe(counted);
  expect(promptTokens(exchange, modelOf('gpt-4-turbo'), true)).toBeGreaterThan(newer);
});

it('is the cheap estimate where nothing goes by it', () => {
  const exchange = exchangeOf(TEXT);
  expect(promptTokens(exchange, modelOf('gpt-4o'), false)).toBeGreaterThanOrEqual(estimateTextTokens(TEXT));
  expect(exchange.counted).toBeNull();
});
