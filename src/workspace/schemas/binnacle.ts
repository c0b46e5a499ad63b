// binnacle.yaml: who listens where, where data goes and how long it stays, how people are told, what is limited.
import { z } from 'zod';
import {
  amount,
  count,
  duration,
  name,
  percentage,
  secret,
  sentence,
  share,
  timeZone,
  url,
  withSecrets,
} from './values.ts';

const host = z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'a host name or address such as 127.0.0.1');
const port = z.number().int().min(0).max(65_535);
const payloads = z.enum(['full', 'redacted', 'none']);
const subject = z.enum(['key', 'user', 'prompt', 'workspace']);

const channel = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('webhook'),
    url: z.union([url, secret]),
    /** Signs the body: HMAC-SHA-256. */
    secret: secret.optional(),
    headers: z.record(z.string(), withSecrets).default({}),
    allow_private: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('slack'),
    /** An incoming-webhook address is itself a secret. */
    webhook_url: secret,
  }),
  z.strictObject({
    kind: z.literal('email'),
    to: z.array(z.email()).min(1),
    from: z.email(),
    smtp: z.strictObject({
      host,
      port: port.default(587),
      secure: z.boolean().default(false),
      username: z.union([secret, z.string().max(200)]).optional(),
      password: secret.optional(),
      allow_private: z.boolean().default(false),
    }),
  }),
]);

const limit = z.strictObject({
  name,
  subject,
  /** One key, user or prompt; absent: each of the kind. */
  of: z.string().min(1).max(200).optional(),
  requests_per_minute: count.optional(),
  tokens_per_minute: count.optional(),
  concurrent: count.optional(),
});

const budget = z.strictObject({
  name,
  subject,
  of: z.string().min(1).max(200).optional(),
  period: z.enum(['day', 'week', 'month']),
  /** Default: the workspace's time zone. */
  time_zone: timeZone.optional(),
  amount_usd: amount,
  /** Hard refuses; soft tells. */
  hard: z.boolean().default(false),
  /** Percentages of the amount at which a soft warning is sent. */
  warn_at: z.array(percentage).max(10).default([80, 100]),
});

/** Which stores there are. One of each: a kind that is named and not there would be an installation that does not do what its file says. */
const storage = z.strictObject({
  state: z.strictObject({ kind: z.literal('sqlite') }).default({ kind: 'sqlite' }),
  ledger: z.strictObject({ kind: z.literal('chdb') }).default({ kind: 'chdb' }),
  counters: z.strictObject({ kind: z.literal('memory') }).default({ kind: 'memory' }),
});

const telemetry = z.strictObject({
  otlp: z
    .strictObject({
      endpoint: url,
      headers: z.record(z.string(), withSecrets).default({}),
      allow_private: z.boolean().default(true),
    })
    .optional(),
  /** Application Insights, by its connection string. */
  azure_monitor: z
    .strictObject({ connection_string: secret, allow_private: z.boolean().default(false) })
    .optional(),
});

/** Judges, scorers and people on a share of live traffic, with a ceiling on what judging may cost. */
const sampling = z.strictObject({
  judges: z.array(z.strictObject({ judge: name, prompts: z.array(name).default([]), share })).default([]),
  scorers: z.array(z.strictObject({ scorer: name, prompts: z.array(name).default([]), share })).default([]),
  people: z
    .strictObject({
      share,
      stratify_by: z
        .array(z.enum(['prompt', 'version', 'judge_disagreement']))
        .default(['prompt', 'version']),
    })
    .optional(),
  max_cost_usd_per_day: amount.optional(),
});

/** A fixed set of prompts sent to each model on a schedule, so that a silent change upstream is seen apart from a traffic shift. */
const probes = z
  .strictObject({
    /** Its cases, asked with its prompt in the version it names. */
    suite: name.optional(),
    /** Plain questions, asked without a prompt. */
    questions: z.array(sentence).max(1_000).default([]),
    models: z.array(name).min(1).max(50),
    every: duration,
    max_cost_usd_per_day: amount.optional(),
  })
  .refine(({ suite, questions }) => suite !== undefined || questions.length > 0, {
    error: 'probes need a "suite" or "questions"',
  });

export const binnacleSchema = z.strictObject({
  name,
  description: sentence.optional(),
  gateway: z
    .strictObject({
      host: host.default('127.0.0.1'),
      port: port.default(7070),
      durability: z.enum(['durable', 'process']).default('durable'),
      /** Requests per second admitted; absent: by measured saturation alone. */
      capacity: z.number().positive().max(10_000_000).nullable().default(null),
    })
    .prefault({}),
  console: z.strictObject({ host: host.default('127.0.0.1'), port: port.default(7071) }).prefault({}),
  data_dir: z.string().min(1).max(500).default('.binnacle'),
  storage: storage.prefault({}),
  /** How long; absent: for ever. */
  retention: z
    .strictObject({
      interactions: duration.optional(),
      payloads: duration.optional(),
      feedback: duration.optional(),
    })
    .prefault({}),
  privacy: z.strictObject({ payloads: payloads.default('full') }).prefault({}),
  time_zone: timeZone.default('UTC'),
  channels: z.record(name, channel).default({}),
  limits: z.array(limit).default([]),
  budgets: z.array(budget).default([]),
  telemetry: telemetry.prefault({}),
  sampling: sampling.prefault({}),
  probes: probes.optional(),
});

export type BinnacleFile = z.output<typeof binnacleSchema>;
