// suites/*.yaml: test cases (inline, from a file, or drawn from recorded interactions) and the scorers they are held against.
import { z } from 'zod';
import {
  amount,
  count,
  label,
  moment,
  name,
  options,
  sentence,
  share,
  tags,
  version,
  workspacePath,
} from './values.ts';

export const caseSchema = z.strictObject({
  name: sentence.optional(),
  variables: z.record(z.string(), z.string()).default({}),
  /** What groundedness and citations are measured against; absent: the prompt's context variable. */
  context: z.string().optional(),
  reference: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  /** JSON Schema for `json-schema`. */
  schema: z.record(z.string(), z.unknown()).optional(),
  /** Program text run after the output by `python` and `javascript`. */
  code_tests: z.string().optional(),
  tags: tags.default([]),
  weight: z.number().positive().default(1),
});

const caseSource = z.union([
  z.strictObject({
    /** JSONL: one case a line. CSV: a column a variable, beside `reference`, `context` and `tags`. */
    file: workspacePath.refine((path) => /\.(jsonl|csv)$/.test(path), 'a .jsonl or .csv file'),
    limit: count.optional(),
  }),
  z.strictObject({
    interactions: z.strictObject({
      prompt: name.optional(),
      version: version.optional(),
      model: name.optional(),
      tags: tags.optional(),
      from: moment.optional(),
      to: moment.optional(),
      thumb: z.enum(['up', 'down']).optional(),
      rating_at_least: z.number().int().min(1).max(5).optional(),
      rating_at_most: z.number().int().min(1).max(5).optional(),
    }),
    limit: count,
  }),
]);

export const scorerUseSchema = z.strictObject({
  /** A scorer's name, or `judge:NAME`. */
  scorer: name,
  weight: z.number().nonnegative().default(1),
  /** A case passes when its score is at least this. */
  threshold: share.optional(),
  /** A failed safety scorer blocks whatever else improved. */
  safety: z.boolean().default(false),
  options: options.default({}),
});

const gate = z.strictObject({
  /** How much worse still counts as not worse (share of the score range). */
  margin: share.default(0.02),
  minimum_cases: count.default(100),
  alpha: z.number().gt(0).lt(0.5).default(0.05),
  /** What a rise in cost needs: a gain of at least this per 10 % more cost; `never`: no rise; `any`: any proven gain. */
  cost_increase: z
    .union([z.enum(['never', 'any_gain']), z.strictObject({ quality_gain_per_10_percent: share })])
    .default('any_gain'),
  max_cost_increase_percentage: z.number().nonnegative().optional(),
  inconclusive: z.enum(['block', 'allow']).default('block'),
});

export const suiteSchema = z
  .strictObject({
    description: sentence.optional(),
    prompt: name.optional(),
    /** Which version or label is run when none is asked for. */
    version: z.union([version, label]).optional(),
    models: z.array(name).max(50).optional(),
    cases: z.array(caseSchema).max(10_000).default([]),
    cases_from: z.array(caseSource).max(50).default([]),
    scorers: z.array(scorerUseSchema).min(1).max(50),
    repeat: z.number().int().min(1).max(100).default(1),
    max_cost_usd: amount.optional(),
    /** The weighted mean a run must reach. */
    pass_threshold: share.optional(),
    gate: gate.prefault({}),
  })
  .superRefine((suite, context) => {
    if (suite.cases.length === 0 && suite.cases_from.length === 0) {
      context.addIssue({ code: 'custom', message: 'a suite needs "cases" or "cases_from"' });
    }
  });
export type SuiteFile = z.output<typeof suiteSchema>;
