// Sampled counts against the tokenizer on all of the text: high rather than low wherever the dear part stands, and in bounded time.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampledTokens } from './sampled-tokens.ts';
import { countTokens } from './tokens.ts';

const VOCABULARY = 'o200k_base';

const SENTENCES = [
  'Your parcel left our warehouse on Tuesday and should arrive within three working days. ',
  'Bitte prüfen Sie die Rechnung Nr. 20481 und geben Sie uns bis Freitag Bescheid, ob alles stimmt. ',
  'const total = items.reduce((sum, item) => sum + item.price * item.quantity, 0);\n',
  '{"id": "a81f", "status": "open", "lines": [{"sku": 1042, "amount": "19.90"}]}\n',
  'ご注文の商品は明日の午前中に発送されます。お届けまで二日ほどかかります。',
  'Заказ доставлен вчера вечером, спасибо за терпение. ',
  '| 2026-03-01 | 14.25 | 9,120 | -0.4 % |\n',
  '- First, open the settings.\n- Then choose "Privacy" and turn it off.\n\n',
];

/** Paragraphs of one kind each, in any order: what a conversation with code and tables in it looks like. */
const ordinaryText = fc
  .array(fc.record({ kind: fc.nat(SENTENCES.length - 1), times: fc.integer({ min: 1, max: 40 }) }), {
    minLength: 1,
    maxLength: 30,
  })
  .map((paragraphs) => paragraphs.map(({ kind, times }) => (SENTENCES[kind] ?? '').repeat(times)).join('\n'));

test('ordinary texts: at or above the count for nine in ten, never far below, a third above it in the mean at most', () => {
  const ratios: number[] = [];
  fc.assert(
    fc.property(fc.array(ordinaryText, { minLength: 1, maxLength: 4 }), (texts) => {
      const exact = texts.reduce((sum, text) => sum + countTokens(text, VOCABULARY), 0);
      const ratio = sampledTokens(texts, VOCABULARY) / exact;
      ratios.push(ratio);
      expect(ratio).toBeGreaterThan(0.9);
      expect(ratio).toBeLessThan(2.2);
    }),
    { numRuns: 150, seed: 7 },
  );
  expect(ratios.filter((ratio) => ratio >= 1).length / ratios.length).toBeGreaterThan(0.9);
  expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeLessThan(1.35);
});

test('a short text is counted whole', () => {
  const text = SENTENCES.join('').repeat(3);
  const exact = countTokens(text, VOCABULARY);
  expect(sampledTokens([text], VOCABULARY)).toBeGreaterThanOrEqual(exact);
  expect(sampledTokens([text], VOCABULARY)).toBeLessThan(1.08 * exact);
  expect(sampledTokens([], VOCABULARY)).toBe(0);
  expect(sampledTokens(['', ''], VOCABULARY)).toBe(0);
});

test('cheap text at the head hides nothing, in one message or in many', () => {
  const cheap = ' '.repeat(6000);
  const dear = '龘靐齉爩'.repeat(4000);
  const exact = countTokens(cheap, VOCABULARY) + countTokens(dear, VOCABULARY);
  for (const texts of [
    [cheap + dear],
    [cheap, dear],
    [dear, cheap],
    [...(cheap.match(/.{500}/g) ?? []), dear],
  ])
    expect(sampledTokens(texts, VOCABULARY)).toBeGreaterThanOrEqual(0.95 * exact);
});

test('no hostile text takes long', () => {
  let state = 1;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const of = (unit: () => number): string =>
    Array.from({ length: 200_000 }, () => String.fromCharCode(unit())).join('');
  const hostile = {
    run: 'a'.repeat(200_000),
    lower: of(() => 97 + random(26)),
    any: of(() => 128 + random(0xd700)),
    base64: Buffer.from(
      of(() => random(256)),
      'latin1',
    ).toString('base64'),
    ideographs: of(() => 0x4e00 + random(0x5000)),
    short: of(() => 0x4e00 + random(0x5000)).slice(0, 2500),
  };
  sampledTokens(['warm'], VOCABULARY);
  for (const [name, text] of Object.entries(hostile)) {
    const times = [1, 2, 3].map((turn) => {
      const begun = performance.now();
      sampledTokens([text.slice(turn)], VOCABULARY);
      return performance.now() - begun;
    });
    // The least of three: another process may have the processor meanwhile.
    expect(Math.min(...times), name).toBeLessThan(20);
  }
});
