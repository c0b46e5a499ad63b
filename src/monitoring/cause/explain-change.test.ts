// Planted causes in simulated traffic (a small model of a support desk): each must be named, two at once both, and none where nothing changed.
import { describe, expect, it } from 'vitest';
import { seededUniform } from '../../statistics/seeded.ts';
import type { CauseName, CauseObservation } from './cause-observation.ts';
import { explainChange, type MetricKind } from './explain-change.ts';

type Plant = 'model_version' | 'prompt_version' | 'traffic_mix' | 'provider_latency' | 'routing';
/** 50 where the promise is shown in full; fewer keep the suite quick. */
const RUNS = Number(process.env['CAUSE_RUNS'] ?? 12);

function gaussian(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** One interaction. Topics differ in length; long questions go to the large model; the large model is slower and longer. */
function interaction(uniform: () => number, plants: ReadonlySet<Plant>, kind: MetricKind): CauseObservation {
  const topicDraw = uniform();
  const [billing, delivery] = plants.has('traffic_mix') ? [0.15, 0.3] : [0.5, 0.8];
  const topic = topicDraw < billing ? 'billing' : topicDraw < delivery ? 'delivery' : 'technical';
  const prompt = uniform() < 0.7 ? 'support' : 'summary';
  const length = uniform() < (topic === 'technical' ? 0.7 : 0.3) ? 'long' : 'short';
  const routed = length === 'long' || (plants.has('routing') && uniform() < 0.6) ? 'large' : 'small';
  const version = prompt === 'support' && plants.has('prompt_version') ? '3.2' : '3.1';
  const modelVersion = `${routed}-${plants.has('model_version') && routed === 'large' ? '0613' : '0314'}`;
  const tokens = Math.exp(
    5 +
      (topic === 'technical' ? 0.7 : topic === 'delivery' ? 0.2 : 0) +
      (routed === 'large' ? 0.5 : 0) +
      (version === '3.2' ? 0.35 : 0) +
      (modelVersion.endsWith('0613') ? 0.5 : 0) +
      0.5 * gaussian(uniform),
  );
  const latency =
    (300 + tokens * 8) * Math.exp(0.2 * gaussian(uniform)) * (plants.has('provider_latency') ? 1.5 : 1);
  return {
    value: kind === 'latency' ? latency : tokens,
    traffic: { prompt, topic, language: 'en', length, user_group: String(Math.floor(uniform() * 4)) },
    promptVersion: `${prompt}@${version}`,
    variant: '',
    model: routed,
    modelVersion,
    price: '2024-01-01',
    provider: 'openai',
    providerLatencyMs: latency,
    providerFailed: uniform() < 0.01,
  };
}

function namedCauses(plants: readonly Plant[], kind: MetricKind, seed: number): CauseName[] {
  const uniform = seededUniform(seed);
  const sample = (size: number, set: ReadonlySet<Plant>): CauseObservation[] =>
    Array.from({ length: size }, () => interaction(uniform, set, kind));
  return explainChange(sample(800, new Set()), sample(800, new Set(plants)), kind).causes.map(
    ({ name }) => name,
  );
}

/** Share of runs in which exactly the planted causes were named. */
function shareRight(plants: readonly Plant[], kind: MetricKind): number {
  let right = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const named = namedCauses(plants, kind, run * 101 + plants.length);
    if (named.toSorted().join() === plants.toSorted().join()) right += 1;
  }
  return right / RUNS;
}

describe('the cause of a change', () => {
  it.each<readonly [Plant, MetricKind]>([
    ['model_version', 'other'],
    ['prompt_version', 'other'],
    ['traffic_mix', 'other'],
    ['routing', 'other'],
    ['provider_latency', 'latency'],
  ])('is named when it is %s alone', (plant, kind) => {
    expect(shareRight([plant], kind)).toBeGreaterThanOrEqual(0.9);
  });

  it.each<readonly [readonly Plant[], MetricKind]>([
    [['model_version', 'traffic_mix'], 'other'],
    [['model_version', 'prompt_version'], 'other'],
    [['prompt_version', 'traffic_mix'], 'other'],
    [['prompt_version', 'routing'], 'other'],
    [['routing', 'traffic_mix'], 'other'],
    [['model_version', 'routing'], 'other'],
    [['provider_latency', 'prompt_version'], 'latency'],
    [['provider_latency', 'traffic_mix'], 'latency'],
    [['provider_latency', 'routing'], 'latency'],
  ])('is named when two come at once: %s', (plants, kind) => {
    expect(shareRight(plants, kind)).toBeGreaterThanOrEqual(0.9);
  });

  it('is not claimed when nothing changed', () => {
    const claims = (['other', 'latency', 'errors'] as const).flatMap((kind) =>
      Array.from({ length: RUNS }, (_, run) => namedCauses([], kind, run * 53 + 7)).flat(),
    );
    expect(claims).toEqual([]);
  });

  it('adds up to the change', () => {
    const uniform = seededUniform(2);
    const before = Array.from({ length: 600 }, () => interaction(uniform, new Set(), 'other'));
    const after = Array.from({ length: 600 }, () =>
      interaction(uniform, new Set<Plant>(['model_version']), 'other'),
    );
    const { before: was, after: is, causes } = explainChange(before, after, 'other');
    expect(causes.map(({ name }) => name)).toEqual(['model_version']);
    expect(causes[0]?.contribution).toBeGreaterThan(0.5 * (is - was));
    expect(causes[0]?.evidence[0]?.level).toMatch(/^large-/);
  });
});
