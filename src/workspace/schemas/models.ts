// models.yaml: providers (where calls go) and models (what applications ask for), with dated prices.
import { z } from 'zod';
import { amount, count, duration, moment, name, options, secret, tags, url, withSecrets } from './values.ts';

const timeouts = z
  .strictObject({
    connect: duration.optional(),
    first_byte: duration.optional(),
    idle: duration.optional(),
    total: duration.optional(),
  })
  .prefault({});

export const providerSchema = z.strictObject({
  /** Which provider's wire it speaks: `openai`, `anthropic`, `replay`, … */
  kind: name,
  base_url: url.optional(),
  api_key: secret.optional(),
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'a header name'), withSecrets).default({}),
  /** Whether base_url may be in a private network. */
  allow_private: z.boolean().default(false),
  timeouts,
  /** Its answers are made up; marked so wherever they show. */
  simulated: z.boolean().default(false),
  options: options.default({}),
});
export type ProviderFile = z.output<typeof providerSchema>;

const rates = {
  input: amount.optional(),
  output: amount.optional(),
  cache_read: amount.optional(),
  cache_write: amount.optional(),
  cache_write_1h: amount.optional(),
  reasoning: amount.optional(),
};

const tier = z.strictObject({ ...rates, above: z.number().int().positive(), input: amount, output: amount });

/** US$ per million tokens of each class, from a date on. */
export const priceSchema = z
  .strictObject({
    /** UTC; absent: since ever. */
    effective_from: moment.optional(),
    ...rates,
    per_request: amount.optional(),
    /** Of a self-hosted model, shared out over its requests by busy time. */
    per_hour: amount.optional(),
    /** Factor on everything for batch work, such as "0.5". */
    batch_factor: amount.optional(),
    tiers: z.array(tier).max(20).default([]),
  })
  .superRefine((row, context) => {
    if ((row.input === undefined) !== (row.output === undefined)) {
      context.addIssue({ code: 'custom', message: 'a price per token needs both "input" and "output"' });
    }
    if (row.input === undefined && row.per_request === undefined && row.per_hour === undefined) {
      context.addIssue({
        code: 'custom',
        message: 'a price needs "input" and "output", "per_request" or "per_hour"',
      });
    }
    if (
      row.input === undefined &&
      (row.cache_read ?? row.cache_write ?? row.cache_write_1h ?? row.reasoning) !== undefined
    ) {
      context.addIssue({
        code: 'custom',
        message: 'prices of token classes need "input" and "output" beside them',
      });
    }
  });
export type PriceFile = z.output<typeof priceSchema>;

const deployment = z.strictObject({
  provider: name,
  upstream_model: z.string().min(1).max(200),
  weight: z.number().positive().max(1_000_000).default(1),
});

export const modelSchema = z
  .strictObject({
    provider: name.optional(),
    /** The name the vendor knows; absent: the model's own id. */
    upstream_model: z.string().min(1).max(200).optional(),
    deployments: z.array(deployment).min(1).max(100).optional(),
    balance: z.enum(['weighted', 'least-latency']).default('weighted'),
    fallbacks: z.array(name).max(20).default([]),
    /** Marked for sensitive requests. */
    moderated: z.boolean().default(false),
    tags: tags.default([]),
    context_window: count.optional(),
    max_output_tokens: count.optional(),
    prices: z.array(priceSchema).max(200).default([]),
  })
  .superRefine((model, context) => {
    if ((model.provider === undefined) === (model.deployments === undefined)) {
      context.addIssue({ code: 'custom', message: 'a model needs either "provider" or "deployments"' });
    }
    if (model.deployments !== undefined && model.upstream_model !== undefined) {
      context.addIssue({ code: 'custom', message: '"upstream_model" belongs into each of "deployments"' });
    }
  });
export type ModelFile = z.output<typeof modelSchema>;

export const modelsSchema = z.strictObject({
  providers: z.record(name, providerSchema).default({}),
  models: z
    .record(
      name.refine((id) => id !== 'auto', '"auto" is the router\'s and can\'t be a model'),
      modelSchema,
    )
    .default({}),
});
export type ModelsFile = z.output<typeof modelsSchema>;
