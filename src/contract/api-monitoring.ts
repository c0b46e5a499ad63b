// Bodies of the console API about metrics, alerts, incidents and drift. Times are ISO 8601 in UTC; money is a decimal string of US$.
import { z } from 'zod';
import { METRIC_DIMENSIONS, METRIC_NAMES } from './metric-names.ts';

const time = z.string().describe('ISO 8601, UTC');

export const metricValueSchema = z.object({
  value: z
    .union([z.number(), z.string()])
    .nullable()
    .describe('null: no data, which is not zero; US$ as an exact decimal string'),
  sample: z.number().describe('observations it rests on'),
  interval: z
    .object({ low: z.number(), high: z.number() })
    .nullable()
    .describe('at 95 %, for shares and means'),
});

export const metricSeriesSchema = z.object({
  period: z.object({ from: time, to: time.describe('exclusive') }),
  metrics: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      key: z.boolean().describe('one of the key metrics of the prompt asked about: these come first'),
    }),
  ),
  cells: z.array(
    z.object({
      group: z.partialRecord(z.enum(METRIC_DIMENSIONS), z.string()),
      at: time.nullable().describe('beginning of the step; null where no step was asked for'),
      values: z.record(z.string(), metricValueSchema),
    }),
  ),
});
export type MetricSeries = z.infer<typeof metricSeriesSchema>;

export const metricListSchema = z.object({
  metrics: z.array(z.object({ name: z.enum(METRIC_NAMES), unit: z.string() })),
});

export const alertEventSchema = z.object({
  id: z.string(),
  rule: z.string(),
  subject: z.string().describe('value of the dimension the rule is kept per; empty where it is not'),
  type: z.enum(['fired', 'resolved', 'notified-again', 'escalated']),
  at: time,
  value: z.number().nullable(),
  silenced: z.boolean(),
});
export type AlertEventBody = z.infer<typeof alertEventSchema>;

export const alertSchema = z.object({
  rule: z.string(),
  subject: z.string(),
  status: z.enum(['ok', 'pending', 'firing']),
  severity: z.string(),
  metric: z.string(),
  since: time.nullable().describe('since when the condition has held'),
  value: z.number().nullable(),
  sample: z.number(),
  measured_at: time.nullable(),
});

export const alertReplaySchema = z.object({
  rule: z.string(),
  from: time,
  to: time,
  step_seconds: z.number(),
  fired: z.number().int().describe('how often it would have fired'),
  events: z.array(alertEventSchema.omit({ id: true })),
});
export type AlertReplay = z.infer<typeof alertReplaySchema>;

const stepRunSchema = z.object({
  step: z.string(),
  name: z.string(),
  status: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
  started_at: z.number().nullable().describe('UTC milliseconds'),
  ended_at: z.number().nullable(),
  /** What came of it, in a sentence. */
  result: z.string(),
  data: z.json().nullable(),
});
export type StepRun = z.infer<typeof stepRunSchema>;

const runbookRunSchema = z.object({
  job: z.string(),
  runbook: z.string(),
  status: z.enum(['waiting', 'running', 'done', 'failed']),
  steps: z.array(stepRunSchema),
});
export type RunbookRun = z.infer<typeof runbookRunSchema>;

export const causeSchema = z.object({
  name: z.string(),
  contribution: z.number().describe("part of the change it explains, in the metric's unit"),
  share: z.number().describe('0..1, of the sum of all parts’ sizes'),
  standard_error: z.number(),
  evidence: z.array(z.object({ level: z.string(), before: z.number(), after: z.number() })),
});

export const explanationSchema = z.object({
  metric: z.string(),
  changed_at: time,
  before: z.number().nullable(),
  after: z.number().nullable(),
  observations: z.object({ before: z.number(), after: z.number() }),
  causes: z.array(causeSchema).describe('empty: nothing that was recorded explains it'),
  probes: z
    .array(
      z.object({
        model: z.string(),
        verdict: z.enum(['moved', 'unchanged', 'unclear']),
        before: z.number().nullable().describe("mean of the metric over the probes' answers"),
        after: z.number().nullable(),
        answers: z.object({ before: z.number(), after: z.number() }),
      }),
    )
    .default([])
    .describe('what the same questions showed, by model; empty where none were asked'),
  note: z.string().describe('what the search could not look at; empty when it saw everything'),
});
export type Explanation = z.infer<typeof explanationSchema>;

export const incidentStatuses = ['open', 'acknowledged', 'resolved'] as const;

/** As it is kept in the state store; times in UTC milliseconds. */
export const incidentSchema = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(incidentStatuses),
  severity: z.enum(['info', 'warning', 'critical']),
  owner: z.string().describe('empty: nobody yet'),
  opened_at: z.number().describe('UTC milliseconds, as all times of an incident'),
  acknowledged_at: z.number().nullable(),
  resolved_at: z.number().nullable(),
  source: z.object({
    kind: z.enum(['alert', 'drift', 'health', 'person']),
    /** Rule, stream or fault. */
    name: z.string(),
    subject: z.string(),
    metric: z.string(),
  }),
  /** What it is about, as far as one is: steps of runbooks act on these. */
  prompt: z.string(),
  model: z.string(),
  timeline: z.array(
    z.object({ id: z.string(), at: z.number(), actor: z.string(), type: z.string(), text: z.string() }),
  ),
  explanation: explanationSchema.nullable(),
  examples: z.object({ before: z.array(z.string()), after: z.array(z.string()) }).describe('interaction ids'),
  runbooks: z.array(runbookRunSchema),
});
export type Incident = z.infer<typeof incidentSchema>;

export const driftSchema = z.object({
  stream: z.string().describe('prompt@model; probe:prompt@version@model for probes'),
  signal: z.string(),
  feature: z.string(),
  changed_at: time,
  detected_at: time,
  before: z.number(),
  after: z.number(),
  incident: z.string(),
});
export type Drift = z.infer<typeof driftSchema>;
