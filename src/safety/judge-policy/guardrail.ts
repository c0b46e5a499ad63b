// A policy in words, held by a model of the workspace.
import { z } from 'zod';
import { defineGuardrail, wholeText, type PolicyJudge } from '../guardrail.ts';
import { judgedScore, judgeOptions } from '../policy-judge.ts';

export const guardrail = defineGuardrail({
  name: 'judge-policy',
  placement: 'remote',
  directions: ['input', 'output'],
  needsWholeText: true,
  defaultAction: 'block',
  configuration: z.strictObject({
    /** What a text must not do, in words. */
    policy: z.string().min(10).max(10_000),
    /** The model that judges: an id of models.yaml. */
    model: z.string().min(1),
    ...judgeOptions,
  }),
  needs: ['judge'],
  worksUnconfigured: false,
  examples: [],
  create(options, services) {
    const { policy, model } = options;
    // `needs` makes sure that there is one.
    const judge = services.judge as PolicyJudge;
    return {
      async scan(input) {
        if (input.text.trim() === '') return { findings: [] };
        const score = await judgedScore(judge, { guardrail: 'judge-policy', model, policy, options }, input);
        return { findings: [wholeText('policy', input.text, score)] };
      },
    };
  },
});
