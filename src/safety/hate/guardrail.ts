// Hate speech: contempt for, or threats against, people for what they are; told from mere profanity, quotes and protest against it.
import { z } from 'zod';
import type { TextEmbedder } from '../../embeddings/text-embedder.ts';
import { defineGuardrail, wholeText } from '../guardrail.ts';
import { unpackModel } from '../learning/packed-model.ts';
import { toxicityScore } from './classify.ts';

export const guardrail = defineGuardrail({
  name: 'hate',
  placement: 'worker',
  directions: ['input', 'output'],
  defaultAction: 'block',
  configuration: z.strictObject({}),
  needs: ['embedder'],
  worksUnconfigured: true,
  examples: [
    { text: 'I hate immigrants, they are all vermin.', finds: ['hate'] },
    { text: 'This fucking printer is broken again.', finds: [] },
  ],
  async create(_, { embedder }) {
    const { default: packed } = await import('./weights.json', { with: { type: 'json' } });
    const model = unpackModel(packed);
    return {
      async scan({ text, shared }) {
        const score = toxicityScore(text, await shared.embedding(embedder as TextEmbedder), model);
        return { findings: [wholeText('hate', text, score)], scores: { toxicity: score } };
      },
    };
  },
});
