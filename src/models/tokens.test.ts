// Token counts are right, linear in time, and the estimate stays above them.
import * as fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/cl100k_base';
import { describe, expect, test } from 'vitest';
import { estimateRequestTokens, estimateTextTokens } from './estimate-tokens.ts';
import { countTokens, vocabularyOf } from './tokens.ts';

describe('countTokens', () => {
  test('counts as the vocabularies do; marks are text', () => {
    expect(countTokens('hello world', 'cl100k_base')).toBe(2);
    expect(countTokens('tiktoken is great!', 'cl100k_base')).toBe(6);
    expect(countTokens('', 'o200k_base')).toBe(0);
    expect(countTokens('<|endoftext|>', 'cl100k_base')).toBeGreaterThan(1);
  });
  test('never more than linear: 200,000 times "a", a million spaces, a cut emoji run', () => {
    const start = performance.now();
    expect(countTokens('a'.repeat(200_000), 'cl100k_base')).toBeGreaterThan(20_000);
    expect(countTokens(' '.repeat(1_000_000), 'cl100k_base')).toBeGreaterThan(1_000);
    expect(countTokens('😀'.repeat(5_000), 'o200k_base')).toBeGreaterThan(4_000);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
  test('a long run that real answers hold is counted exactly', () => {
    const text = `| Total | ${'.-'.repeat(700)} | 12 |\n${'x1'.repeat(3_000)}`;
    expect(countTokens(text, 'cl100k_base')).toBe(encode(text).length);
  });

  test('what lies beyond the cap is extrapolated', () => {
    const text = 'one two three four '.repeat(2_000);
    const exact = countTokens(text, 'cl100k_base');
    expect(Math.abs(countTokens(text, 'cl100k_base', 4_000) / exact - 1)).toBeLessThan(0.02);
  });
  test('any text has a count', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const count = countTokens(text, 'o200k_base');
        expect(count >= 0 && Number.isInteger(count)).toBe(true);
      }),
    );
  });
  test('vocabulary by model', () => {
    expect(vocabularyOf('gpt-4-turbo')).toBe('cl100k_base');
    expect(vocabularyOf('gpt-3.5-turbo-0125')).toBe('cl100k_base');
    expect(vocabularyOf('gpt-4o')).toBe('o200k_base');
    expect(vocabularyOf('claude-sonnet-4-5')).toBe('o200k_base');
  });
});

test('the estimate is above the count for ordinary text and counts every part', () => {
  for (const text of [
    'What is the capital of France?',
    'def f(x):\n  return x ** 2\n',
    '合計はいくらですか',
    '12345 67890',
  ])
    expect(estimateTextTokens(text)).toBeGreaterThanOrEqual(countTokens(text, 'cl100k_base'));
  const message = { role: 'user', parts: [{ type: 'text', text: 'hello' }] } as const;
  const one = estimateRequestTokens({ messages: [message] });
  expect(estimateRequestTokens({ messages: [message, message] })).toBeGreaterThan(one);
  expect(
    estimateRequestTokens({ messages: [message], tools: [{ type: 'function', name: 'look_up' }] }),
  ).toBeGreaterThan(one);
});

test('a long text is estimated from a part of it, whatever its rhythm, in time that does not grow with it', () => {
  const exact = (text: string): number =>
    (text.match(/./gsu) ?? []).reduce((sum, each) => sum + estimateTextTokens(each.repeat(18)) / 18, 0);
  for (const text of ['a, b1\n', 'plain words and then a mark. ', '合計 is 12345; '].map((piece) =>
    piece.repeat(200),
  ))
    expect(Math.abs(estimateTextTokens(text) / exact(text) - 1)).toBeLessThan(0.15);
  const huge = 'one, two\n'.repeat(1_000_000);
  const started = performance.now();
  for (let times = 0; times < 100; times += 1) estimateTextTokens(huge);
  expect(performance.now() - started).toBeLessThan(100);
});
