// The scorer `similarity`: cosine of the sentence embeddings of output and reference, negative ones as 0.
import type { TextEmbedder } from '../embeddings/text-embedder.ts';
import { cosine } from '../embeddings/text-embedder.ts';
import { best, references, singleOutput } from './scorer-input.ts';
import type { Scorer } from './scorer.ts';

export function similarityScorer(embedder: TextEmbedder): Scorer {
  return {
    name: 'similarity',
    async score(input) {
      const wanted = references(input);
      const [output, ...others] = await embedder.embed([singleOutput(input), ...wanted]);
      return best(
        others.map((other) => {
          const score = Math.max(0, cosine(output as Float32Array, other));
          return { score, reason: `cosine ${score.toFixed(3)} (${embedder.model})` };
        }),
      );
    },
  };
}
