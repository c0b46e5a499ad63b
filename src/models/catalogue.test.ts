// The shipped price list: exact decimals, dated rows, agreement with the package itself.
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import { describe, expect, test } from 'vitest';
import { tokenRatesSchema } from '../contract/price.ts';
import { formatUsd } from '../kernel/money.ts';
import { exactDecimal } from './catalogue-rates.ts';
import { cataloguePrices, vendorOfBaseUrl } from './catalogue.ts';
import { priceRowAt, priceUsage } from './price-usage.ts';

const at = Date.parse('2026-11-01T12:00:00Z');

test('floats become the decimals they were meant as', () => {
  expect(exactDecimal(0.5900000000000001)).toBe('0.59');
  expect(exactDecimal(0.1 + 0.2)).toBe('0.3');
  expect(exactDecimal(128.1)).toBe('128.1');
  expect(exactDecimal(1e-7)).toBe('0.0000001');
  expect(exactDecimal(0)).toBe('0');
  expect(exactDecimal(1500)).toBe('1500');
  expect(() => exactDecimal(Number.NaN)).toThrow();
});

describe('the catalogue', () => {
  test('known models, aliases of vendors, dated names', () => {
    expect(cataloguePrices('openai', 'gpt-4o-2024-08-06')[0]?.rates).toMatchObject({
      input: '2.5',
      cache_read: '1.25',
      output: '10',
    });
    expect(cataloguePrices('xai', 'grok-3')).toEqual(cataloguePrices('x-ai', 'grok-3'));
    expect(cataloguePrices('gemini', 'gemini-2.5-pro')[0]?.tiers[0]?.above).toBe(200_000);
    expect(vendorOfBaseUrl('https://api.groq.com/openai/v1')).toBe('groq');
    expect(vendorOfBaseUrl('http://127.0.0.1:8000')).toBeUndefined();
  });
  test('what is not known has no price', () => {
    expect(cataloguePrices('openai', 'gpt-0-imaginary')).toEqual([]);
    expect(cataloguePrices('openai-compatible', 'gpt-4o')).toEqual([]);
    expect(cataloguePrices('nobody', 'gpt-4o')).toEqual([]);
    expect(cataloguePrices('__proto__', 'constructor')).toEqual([]);
  });
  test('dated prices change on their day', () => {
    const rows = cataloguePrices('anthropic', 'claude-sonnet-4-6');
    expect(priceRowAt(rows, Date.parse('2026-03-12T23:59:59Z'))?.tiers).toHaveLength(1);
    expect(priceRowAt(rows, Date.parse('2026-03-13T00:00:00Z'))?.tiers).toHaveLength(0);
  });
  test('every model priced by tokens agrees with the package itself, but for its floats', () => {
    let compared = 0;
    for (const id of ['openai', 'anthropic', 'google', 'x-ai', 'deepseek', 'groq', 'mistral']) {
      const provider = findProvider({ providerId: id });
      if (provider === undefined) throw new Error(id);
      for (const { id: model } of provider.models) {
        const rows = cataloguePrices(id, model);
        if (rows[0]?.rates == null) continue;
        for (const each of rows) tokenRatesSchema.parse(each.rates);
        const usage = { input: 1_003, cache_read: 250_007, cache_write: 411, output: 977, reasoning: 61 };
        const theirs = calcPrice(
          {
            input_tokens: 251_421,
            cache_read_tokens: 250_007,
            cache_write_tokens: 411,
            output_tokens: 1_038,
            output_reasoning_tokens: 61,
          },
          model,
          { provider, timestamp: new Date(at) },
        );
        const requests = Number(priceRowAt(rows, at)?.perRequest ?? '0');
        const ours = Number(formatUsd(priceUsage(rows, { usage, raw: null }, { at }) ?? -1n)) - requests;
        expect(ours, `${id} ${model}`).toBeCloseTo((theirs?.total_price ?? NaN) - requests, 9);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(200);
  });
});
