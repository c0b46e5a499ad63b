// What turns texts into vectors. Rooms that need it take this interface; the composition root hands in the shipped model or a vendor's.

export interface TextEmbedder {
  /** Names the vectors' space: vectors of different models are never compared. */
  readonly model: string;
  readonly dimensions: number;
  /** One vector of unit length a text, in order. Never empty vectors: an empty text has one as well. */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
}

/** Cosine of two unit vectors, -1..1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  for (let index = 0; index < a.length; index += 1) dot += (a[index] as number) * (b[index] as number);
  return Math.max(-1, Math.min(1, dot));
}
