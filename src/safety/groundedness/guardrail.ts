// Whether an answer is supported by the context it was given. Without a context there is nothing to say.
import { z } from 'zod';
import { defineGuardrail, wholeText } from '../guardrail.ts';
import { groundedScore } from './classify.ts';
import { loadGroundedModel } from './load.ts';

const context = 'The Eiffel Tower is 330 metres tall and was completed in 1889 for the World Fair in Paris.';

export const guardrail = defineGuardrail({
  name: 'groundedness',
  placement: 'worker',
  directions: ['output'],
  needsWholeText: true,
  defaultAction: 'flag',
  configuration: z.strictObject({
    /** Answers that score lower than this are findings. */
    minimum: z.number().min(0).max(1).default(0.35),
  }),
  worksUnconfigured: true,
  examples: [
    {
      text: 'I love it, my sister bought me a plastic one in Rome for 20 dollars.',
      context,
      finds: ['ungrounded'],
    },
    { text: 'The Eiffel Tower was completed in 1889 for the World Fair.', context, finds: [] },
  ],
  async create({ minimum }) {
    const model = await loadGroundedModel();
    return {
      scan({ text, context }) {
        if (context === undefined || context === '') return { findings: [] };
        const grounded = groundedScore(text, context, model);
        return {
          findings: grounded < minimum ? [wholeText('ungrounded', text, 1 - grounded)] : [],
          scores: { grounded },
        };
      },
    };
  },
});
