// rollouts/*.yaml: a version taken live in stages, and the metrics that stop or take it back.
import { z } from 'zod';
import { guardMetricSchema } from './experiment.ts';
import { duration, name, percentage, sentence, version, versionOrLabel } from './values.ts';

const stage = z.strictObject({
  percentage,
  /** How long it stays at least. */
  hold: duration.optional(),
  /** Interactions it needs at least before it goes on. */
  minimum_sample: z.number().int().positive().optional(),
  /** Whether a person must say go. */
  approval: z.boolean().default(false),
});

export const rolloutSchema = z
  .strictObject({
    description: sentence.optional(),
    prompt: name,
    from: versionOrLabel.default('production'),
    to: version,
    unit: z.enum(['user', 'session', 'request']).default('user'),
    stages: z.array(stage).min(1).max(50),
    guard_metrics: z.array(guardMetricSchema).max(20).default([]),
    alpha: z.number().gt(0).lt(0.5).default(0.05),
    runbook: name.optional(),
  })
  .superRefine((rollout, context) => {
    let before = 0;
    for (const [index, one] of rollout.stages.entries()) {
      if (one.percentage <= before)
        context.addIssue({
          code: 'custom',
          path: ['stages', index],
          message: `each stage must be larger than the one before it (${before} %)`,
        });
      before = one.percentage;
    }
    if (before !== 100)
      context.addIssue({ code: 'custom', path: ['stages'], message: 'the last stage must be 100' });
  });
export type RolloutFile = z.output<typeof rolloutSchema>;
