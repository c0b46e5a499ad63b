// Whether an answer declines to answer.
import { z } from 'zod';
import { isRefusal } from '../../text/refusal.ts';
import { defineGuardrail, wholeText } from '../guardrail.ts';

export const guardrail = defineGuardrail({
  name: 'refusal',
  placement: 'inline',
  directions: ['output'],
  needsWholeText: true,
  defaultAction: 'flag',
  configuration: z.strictObject({}),
  worksUnconfigured: true,
  examples: [
    { text: "I'm sorry, but I can't assist with that request.", finds: ['refusal'] },
    { text: 'Boil the pasta for nine minutes.', finds: [] },
  ],
  create() {
    return { scan: ({ text }) => ({ findings: isRefusal(text) ? [wholeText('refusal', text, 0.9)] : [] }) };
  },
});
