// Probes tell a change of the model from one of the traffic: few answers to the same questions are enough, and chance is not a change.
import { describe, expect, it } from 'vitest';
import { seededUniform } from '../../statistics/seeded.ts';
import type { CauseObservation } from './cause-observation.ts';
import { explainChange } from './explain-change.ts';
import { probeEvidence, verdictOfAll, type ProbeAnswer } from './probe-evidence.ts';

/** Questions differ far more among themselves than answers to one do. */
function round(uniform: () => number, factor: number): ProbeAnswer[] {
  return Array.from({ length: 20 }, (_, question) => ({
    question: `question ${question}`,
    value: 100 * (1 + question) * (0.8 + 0.4 * uniform()) * factor,
  }));
}

function rounds(uniform: () => number, count: number, factor = 1): ProbeAnswer[] {
  return Array.from({ length: count }, () => round(uniform, factor)).flat();
}

describe('answers of probes', () => {
  it('show a change of a third after two rounds, in all of 200 runs, and hardly ever one that is not there', () => {
    const uniform = seededUniform(5);
    const runs = Array.from({ length: 200 }, () => ({
      moved: probeEvidence('m', rounds(uniform, 10), rounds(uniform, 2, 1.33)).verdict,
      same: probeEvidence('m', rounds(uniform, 10), rounds(uniform, 2)).verdict,
    }));
    expect(runs.filter(({ moved }) => moved === 'moved').length).toBeGreaterThanOrEqual(190);
    expect(runs.filter(({ same }) => same === 'moved').length).toBeLessThanOrEqual(2);
    expect(runs.filter(({ same }) => same === 'unchanged').length).toBeGreaterThanOrEqual(170);
  });

  it('say nothing where they are few, and compare only what was asked on both sides', () => {
    const uniform = seededUniform(6);
    const before = rounds(uniform, 10);
    expect(probeEvidence('m', before, []).verdict).toBe('unclear');
    expect(probeEvidence('m', before, round(uniform, 1).slice(0, 4)).verdict).toBe('unclear');
    const others = rounds(uniform, 3, 5).map((one) => ({ ...one, question: `new ${one.question}` }));
    const evidence = probeEvidence('m', before, [...rounds(uniform, 2), ...others]);
    expect(evidence).toMatchObject({ verdict: 'unchanged', answers: { before: 200, after: 40 } });
    expect(verdictOfAll([])).toBe('unclear');
    expect(verdictOfAll([evidence, { ...evidence, verdict: 'moved' }])).toBe('moved');
  });
});

/** Nothing that is recorded tells these apart but the side. */
function observations(uniform: () => number, level: number, version: string): CauseObservation[] {
  return Array.from({ length: 400 }, () => ({
    value: level * (0.5 + uniform()),
    traffic: { prompt: 'p', topic: '', language: '', length: '', user_group: 'user group 1' },
    promptVersion: version,
    variant: '',
    model: 'm',
    modelVersion: 'm-1',
    price: '',
    provider: 'one',
    providerLatencyMs: 100,
    providerFailed: false,
  }));
}

describe('a cause', () => {
  const uniform = seededUniform(7);
  const [before, after] = [observations(uniform, 100, 'p@1'), observations(uniform, 140, 'p@1')];
  const names = (...given: Parameters<typeof explainChange>): string[] =>
    explainChange(...given).causes.map(({ name }) => name);

  it('is the model where probes moved, and not where they answer as before', () => {
    expect(names(before, after, 'other')).toEqual(['upstream_behaviour']);
    expect(names(before, after, 'other', 'moved')).toEqual(['upstream_behaviour']);
    expect(names(before, after, 'other', 'unchanged')).toEqual([]);
  });

  it('is the model too where a prompt was released at the same time and probes moved', () => {
    const released = observations(uniform, 140, 'p@2');
    expect(names(before, released, 'other')).toEqual(['prompt_version']);
    expect(names(before, released, 'other', 'moved')).toContain('upstream_behaviour');
  });
});
