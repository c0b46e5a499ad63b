// A check of the operator's own behind HTTP: it is sent the text and answers with findings.
import { z } from 'zod';
import { defineGuardrail, type OutboundRequest } from '../guardrail.ts';

const answerSchema = z.object({
  findings: z
    .array(
      z.object({
        type: z.string().min(1).max(100),
        start: z.number().int().nonnegative(),
        end: z.number().int().nonnegative(),
        score: z.number().min(0).max(1).default(1),
      }),
    )
    .max(10_000),
});

export const guardrail = defineGuardrail({
  name: 'webhook',
  placement: 'remote',
  directions: ['input', 'output'],
  needsWholeText: true,
  defaultAction: 'block',
  configuration: z.strictObject({
    url: z.url(),
    headers: z.record(z.string(), z.string()).default({}),
    timeout_milliseconds: z.number().int().positive().max(60_000).default(3000),
    /** Whether the address may be one of this machine or its network. */
    allow_private: z.boolean().default(false),
  }),
  needs: ['request'],
  worksUnconfigured: false,
  examples: [],
  create(
    { url, headers, timeout_milliseconds: timeoutMilliseconds, allow_private: allowPrivate },
    { request },
  ) {
    return {
      async scan({ text, direction, context }) {
        const answer = await (request as OutboundRequest)({
          url,
          headers,
          body: { text, direction, ...(context === undefined ? {} : { context }) },
          timeoutMilliseconds,
          allowPrivate,
        });
        if (answer.status !== 200) throw new Error(`the webhook answered ${answer.status}`);
        const { findings } = answerSchema.parse(answer.body);
        return { findings: findings.filter(({ start, end }) => start < end && end <= text.length) };
      },
    };
  },
});
