// What the scorers of the table take from outside: sentence embeddings and the groundedness model.
import { sentenceEncoder } from '../embeddings/sentence-encoder.ts';
import { groundedScore } from '../safety/groundedness/classify.ts';
import { loadGroundedModel } from '../safety/groundedness/load.ts';
import type { ScorerDependencies } from '../scoring/registry.ts';

/** Models of the scorers, each loaded with the first use. */
export function scorerDependencies(): ScorerDependencies {
  let model: ReturnType<typeof loadGroundedModel> | undefined;
  return {
    embedder: sentenceEncoder(),
    grounded: async (answer, context) => {
      model ??= loadGroundedModel();
      return groundedScore(answer, context, await model);
    },
  };
}
