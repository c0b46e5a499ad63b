// What incidents raise is laid over the sampling that is configured: nothing gets smaller, and it ends.
import { expect, it } from 'vitest';
import type { Override } from '../contract/override.ts';
import { raiseSampling } from './apply-overrides.ts';

const configured = {
  judges: [
    { judge: 'helpful', prompts: ['desk'], share: 0.05 },
    { judge: 'kind', prompts: [], share: 0.9 },
  ],
  scorers: [],
  max_cost_usd_per_day: '5',
};
const raised: Override = {
  kind: 'sampling',
  judges: 0.5,
  people: 0.2,
  until: 2_000,
  incident: 'inc_1',
  reason: 'runbook',
  set_at: 1_000,
};

it('raises shares until the override ends, and lowers none', () => {
  const { sampling, peopleSince } = raiseSampling(configured, ['helpful', 'kind'], [raised], 1_500);
  expect(sampling.judges.map(({ share }) => share)).toEqual([0.5, 0.9]);
  expect(sampling.people).toEqual({ share: 0.2, stratify_by: ['prompt', 'version'] });
  expect(sampling.max_cost_usd_per_day).toBe('5');
  expect(peopleSince).toBe(1_000);
  expect(raiseSampling(configured, [], [raised], 2_000)).toEqual({ sampling: configured, peopleSince: null });
});

it('asks every judge where none is sampled, and leaves people alone where only judges are raised', () => {
  const none = { ...configured, judges: [] };
  const { sampling, peopleSince } = raiseSampling(none, ['helpful'], [{ ...raised, people: null }], 1_500);
  expect(sampling.judges).toEqual([{ judge: 'helpful', prompts: [], share: 0.5 }]);
  expect(sampling.people).toBeUndefined();
  expect(peopleSince).toBeNull();
});
