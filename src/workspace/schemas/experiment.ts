// experiments/*.yaml: a control and variants on live traffic, and what is measured.
import { z } from 'zod';
import { metric } from './alerts.ts';
import { duration, moment, name, sentence, share, versionOrLabel } from './values.ts';

const variant = z.strictObject({
  name,
  version: versionOrLabel.optional(),
  model: name.optional(),
  /** Share of the experiment's traffic. */
  share,
});

export const guardMetricSchema = z.strictObject({
  metric,
  /** Harm is a change beyond this, in the metric's own unit or in percent. */
  worse_by: z.number().nonnegative().optional(),
  worse_by_percentage: z.number().nonnegative().optional(),
  direction: z.enum(['higher_is_worse', 'lower_is_worse']),
  /** `revert` takes the change back; `pause` waits for a person. */
  action: z.enum(['revert', 'pause']).default('revert'),
});

export const experimentSchema = z
  .strictObject({
    description: sentence.optional(),
    hypothesis: sentence.optional(),
    prompt: name,
    unit: z.enum(['user', 'session', 'request']).default('user'),
    /** Share of the prompt's traffic that takes part. */
    traffic: share.default(1),
    control: name,
    variants: z.array(variant).min(2).max(20),
    metric,
    better: z.enum(['higher', 'lower']).default('higher'),
    minimum_effect: z.number().positive().optional(),
    alpha: z.number().gt(0).lt(0.5).default(0.05),
    guard_metrics: z.array(guardMetricSchema).max(20).default([]),
    start: moment.optional(),
    maximum_duration: duration.optional(),
  })
  .superRefine((experiment, context) => {
    const names = experiment.variants.map((one) => one.name);
    if (!names.includes(experiment.control))
      context.addIssue({
        code: 'custom',
        path: ['control'],
        message: `"${experiment.control}" is none of the variants ${names.join(', ')}`,
      });
    if (new Set(names).size !== names.length)
      context.addIssue({ code: 'custom', path: ['variants'], message: 'two variants have the same name' });
    const sum = experiment.variants.reduce((total, one) => total + one.share, 0);
    if (Math.abs(sum - 1) > 1e-9)
      context.addIssue({
        code: 'custom',
        path: ['variants'],
        message: `the shares must add up to 1; they add up to ${Number(sum.toFixed(6))}`,
      });
  });
export type ExperimentFile = z.output<typeof experimentSchema>;
