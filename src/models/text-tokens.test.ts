// Counts that are kept: the same the second time, of every text by itself, forgotten in their turn, and in bounded time.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextTokens } from './text-tokens.ts';
import { countTokens } from './tokens.ts';

const VOCABULARY = 'o200k_base';
const WORDS = ['order', 'Rechnung', 'お届け', '1042', '", "', '龘', '\n\n- ', 'transactional ', '😀'];

const text = (longest: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...WORDS), { maxLength: longest }).map((words) => words.join(' '));

test('a conversation that grows is counted as if each of its requests were the first, or more exactly', () => {
  fc.assert(
    fc.property(fc.array(text(300), { minLength: 1, maxLength: 12 }), (turns) => {
      const tokens = new TextTokens();
      for (let length = 1; length <= turns.length; length += 1) {
        const texts = turns.slice(0, length);
        const exact = texts.reduce((sum, one) => sum + countTokens(one, VOCABULARY), 0);
        const counted = tokens.count(texts, VOCABULARY);
        expect(counted).toBeGreaterThanOrEqual(0.9 * exact);
        expect(counted).toBeLessThanOrEqual(1.3 * exact + 10);
        expect(tokens.count(texts, VOCABULARY)).toBeGreaterThanOrEqual(0.9 * exact);
      }
    }),
    { numRuns: 60 },
  );
});

test('a long text that is known costs a digest, however long', () => {
  const tokens = new TextTokens();
  const instructions = '龘靐齉爩'.repeat(10_000);
  const time = (question: string): number => {
    const begun = performance.now();
    tokens.count([instructions, question], VOCABULARY);
    return performance.now() - begun;
  };
  const first = time('first?');
  const others = Array.from({ length: 9 }, (_, index) => time(`${index}?`)).toSorted((a, b) => a - b);
  expect(others[4]).toBeLessThan(first / 2);
});

test('a vocabulary has counts of its own', () => {
  const tokens = new TextTokens();
  const japanese = 'ご注文の商品は明日の午前中に発送されます。'.repeat(20);
  for (const vocabulary of ['o200k_base', 'cl100k_base', 'o200k_base'] as const)
    expect(tokens.count([japanese, ''], vocabulary)).toBe(countTokens(japanese, vocabulary));
});

test('after more texts than are kept the counts are still right', () => {
  const tokens = new TextTokens();
  const padding = 'The parcel left our warehouse on Tuesday. '.repeat(4);
  const exact = countTokens(`0 ${padding}`, VOCABULARY);
  for (let index = 0; index < 20_000; index += 1) tokens.count([`${index} ${padding}`, ''], VOCABULARY);
  expect(tokens.count([`0 ${padding}`, ''], VOCABULARY)).toBe(exact);
});

test('many texts made to be slow are counted in bounded time', () => {
  const tokens = new TextTokens();
  const dear = Array.from({ length: 60 }, (_, index) => `${index}${'龘靐齉爩'.repeat(800)}`);
  const begun = performance.now();
  tokens.count(dear, VOCABULARY);
  expect(performance.now() - begun).toBeLessThan(100);
});
