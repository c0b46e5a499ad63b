// A provider's moderation endpoint (OpenAI's shape). The text leaves for the address the operator configured, and nowhere else.
import { z } from 'zod';
import { defineGuardrail, wholeText, type OutboundRequest } from '../guardrail.ts';

const answerSchema = z.object({
  results: z
    .array(z.object({ flagged: z.boolean(), category_scores: z.record(z.string(), z.number()) }))
    .min(1),
});

export const guardrail = defineGuardrail({
  name: 'moderation',
  placement: 'remote',
  directions: ['input', 'output'],
  needsWholeText: true,
  defaultAction: 'block',
  configuration: z.strictObject({
    url: z.url().default('https://api.openai.com/v1/moderations'),
    model: z.string().default('omni-moderation-latest'),
    api_key: z.string().min(1),
    timeout_milliseconds: z.number().int().positive().max(60_000).default(5000),
    /** Scores above which a category counts; absent: what the provider flags. */
    categories: z.record(z.string(), z.number().min(0).max(1)).optional(),
  }),
  needs: ['request'],
  worksUnconfigured: false,
  examples: [],
  create(options, { request }) {
    const send = request as OutboundRequest;
    return {
      async scan({ text }) {
        const answer = await send({
          url: options.url,
          headers: { authorization: `Bearer ${options.api_key}` },
          body: { model: options.model, input: text },
          timeoutMilliseconds: options.timeout_milliseconds,
        });
        if (answer.status !== 200) throw new Error(`the moderation endpoint answered ${answer.status}`);
        const result = answerSchema.parse(answer.body).results[0] as z.output<
          typeof answerSchema
        >['results'][number];
        const limits = options.categories;
        const over = Object.entries(result.category_scores).filter(([category, score]) =>
          limits === undefined ? result.flagged && score >= 0.5 : score >= (limits[category] ?? Infinity),
        );
        const found = over.map(([category, score]) => wholeText(category, text, Math.max(score, 0.5)));
        if (found.length === 0 && limits === undefined && result.flagged)
          found.push(wholeText('flagged', text, 1));
        return { findings: found };
      },
    };
  },
});
