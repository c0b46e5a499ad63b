// Embeddings of many texts by the shipped encoder, shortest first so that batches are even.
import { sentenceEncoder } from '../../src/embeddings/sentence-encoder.ts';

/** One vector a text, in the order given. */
export async function embedAll(texts: readonly string[]): Promise<Float32Array[]> {
  const order = texts
    .map((_, index) => index)
    .sort((a, b) => (texts[a] as string).length - (texts[b] as string).length);
  const vectors = await sentenceEncoder().embed(order.map((index) => texts[index] as string));
  const result: Float32Array[] = [];
  order.forEach((index, position) => {
    result[index] = vectors[position] as Float32Array;
  });
  return result;
}
