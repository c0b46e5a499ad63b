// runbooks/*.yaml: the steps an incident starts. Each is idempotent, limited in time and recorded.
import { z } from 'zod';
import { amount, count, duration, label, name, sentence, share, versionOrLabel } from './values.ts';

const common = {
  name: sentence.optional(),
  timeout: duration.default(600_000),
  /** What a failed step means for those after it. */
  on_failure: z.enum(['stop', 'continue']).default('stop'),
};

/** `prompt`, `model` and the like may be left out: then the incident's own is meant. */
export const runbookStepSchema = z.discriminatedUnion('step', [
  z.strictObject({
    step: z.literal('run_evaluation'),
    ...common,
    suite: name.optional(),
    prompt: name.optional(),
    version: versionOrLabel.optional(),
    models: z.array(name).optional(),
    max_cost_usd: amount.optional(),
  }),
  z.strictObject({
    step: z.literal('switch_to_fallback'),
    ...common,
    model: name.optional(),
    for: duration.optional(),
  }),
  z.strictObject({
    step: z.literal('move_label_back'),
    ...common,
    prompt: name.optional(),
    label: label.default('production'),
  }),
  z.strictObject({
    step: z.literal('raise_sampling'),
    ...common,
    judges: share.optional(),
    people: share.optional(),
    for: duration,
  }),
  z.strictObject({ step: z.literal('collect_examples'), ...common, count: count.default(10) }),
  z.strictObject({ step: z.literal('notify'), ...common, channel: name, message: sentence.optional() }),
  z.strictObject({ step: z.literal('pause_rollout'), ...common, rollout: name.optional() }),
  z.strictObject({ step: z.literal('revert_rollout'), ...common, rollout: name.optional() }),
]);

export const runbookSchema = z.strictObject({
  description: sentence.optional(),
  steps: z.array(runbookStepSchema).min(1).max(50),
});
export type RunbookFile = z.output<typeof runbookSchema>;
