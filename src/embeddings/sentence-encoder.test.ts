// The shipped embedder on real texts and odd ones.
import { expect, test } from 'vitest';
import { sentenceEncoder } from './sentence-encoder.ts';
import { cosine } from './text-embedder.ts';

test('paraphrases are near, other topics far, order kept, odd texts have vectors', async () => {
  const embedder = sentenceEncoder();
  const texts = [
    'How do I reset my password?',
    'I forgot my password, how can I change it?',
    'The weather in Lisbon is sunny today.',
    '',
    '   ',
    '\u0000\uD800 😀',
    'a'.repeat(50_000),
  ];
  const vectors = await embedder.embed(texts);
  expect(vectors).toHaveLength(texts.length);
  for (const vector of vectors) {
    expect(vector).toHaveLength(512);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
  }
  const [a, b, c] = vectors as [Float32Array, Float32Array, Float32Array];
  expect(cosine(a, b)).toBeGreaterThan(0.55);
  expect(cosine(a, c)).toBeLessThan(0.25);
  const [alone] = await embedder.embed([texts[0] as string]);
  expect(cosine(alone as Float32Array, a)).toBeGreaterThan(0.9999);
  expect(await embedder.embed([])).toEqual([]);
});
