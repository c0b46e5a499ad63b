// A policy in words, held by a judge (a model of the workspace).
import { z } from 'zod';
import { defineGuardrail, wholeText, type PolicyJudge } from '../guardrail.ts';

export const guardrail = defineGuardrail({
  name: 'judge-policy',
  placement: 'remote',
  directions: ['input', 'output'],
  needsWholeText: true,
  defaultAction: 'block',
  defaultThreshold: 0.5,
  configuration: z.strictObject({
    /** What a text must not do, in words. */
    policy: z.string().min(10).max(10_000),
    judge: z.string().nullable().default(null),
  }),
  needs: ['judge'],
  worksUnconfigured: false,
  examples: [],
  create({ policy, judge: name }, { judge }) {
    return {
      async scan({ text, context }) {
        const verdict = await (judge as PolicyJudge)({ judge: name, policy, text, context: context ?? null });
        if (verdict.score === null) throw new Error(`the judge gave no verdict: ${verdict.reason}`);
        return { findings: [wholeText('policy', text, verdict.score)] };
      },
    };
  },
});
