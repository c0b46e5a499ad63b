// One scan of a text that all guardrails share: what several of them need is worked out once.
import type { TextEmbedder } from '../embeddings/text-embedder.ts';
import type { StructuredFinding } from './structured/finding.ts';
import { scanStructured, scanStructuredPatiently } from './structured/scan.ts';

/** Texts longer than this are scanned a piece at a time or in the pool, so that the event loop breathes. */
export const PATIENT_FROM = 16_384;

export class SharedScan {
  readonly #text: string;
  #structured: StructuredFinding[] | Promise<StructuredFinding[]> | undefined;
  #embedding: Promise<Float32Array> | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Personal data and secrets of a recognisable form. At once for texts of ordinary length. */
  structured(): StructuredFinding[] | Promise<StructuredFinding[]> {
    this.#structured ??=
      this.#text.length <= PATIENT_FROM ? scanStructured(this.#text) : scanStructuredPatiently(this.#text);
    return this.#structured;
  }

  /** The text's embedding. */
  embedding(embedder: TextEmbedder): Promise<Float32Array> {
    this.#embedding ??= embedder.embed([this.#text]).then((vectors) => vectors[0] as Float32Array);
    return this.#embedding;
  }
}
