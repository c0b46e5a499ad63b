// Embeddings for many scans at once: texts asked for at about the same time go to the encoder together, and recent ones are remembered.
import { LRUCache } from 'lru-cache';
import type { TextEmbedder } from '../embeddings/text-embedder.ts';

const REMEMBERED = 512;

/** The same embedder, with calls of one turn of the event loop gathered into one. */
export function batchingEmbedder(embedder: TextEmbedder): TextEmbedder {
  const known = new LRUCache<string, Promise<Float32Array>>({ max: REMEMBERED });
  let waiting: {
    text: string;
    resolve: (vector: Float32Array) => void;
    reject: (reason: unknown) => void;
  }[] = [];
  const flush = (): void => {
    const batch = waiting.sort((a, b) => a.text.length - b.text.length);
    waiting = [];
    embedder.embed(batch.map(({ text }) => text)).then(
      (vectors) => batch.forEach(({ resolve }, index) => resolve(vectors[index] as Float32Array)),
      (error: unknown) =>
        batch.forEach(({ text, reject }) => {
          known.delete(text);
          reject(error);
        }),
    );
  };
  const one = (text: string): Promise<Float32Array> => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const vector = new Promise<Float32Array>((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ text, resolve, reject });
    });
    known.set(text, vector);
    return vector;
  };
  return {
    model: embedder.model,
    dimensions: embedder.dimensions,
    embed: (texts) => Promise.all(texts.map(one)),
  };
}
