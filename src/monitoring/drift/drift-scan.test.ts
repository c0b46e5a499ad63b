// The detector against its promises: false alarms at the promised rate on unchanged streams, changes found soon and placed right, and a
// verdict on a prefix that rests on the prefix alone.
import { describe, expect, it } from 'vitest';
import { seededUniform } from '../../statistics/seeded.ts';
import { isRefusal } from '../../text/refusal.ts';
import { DriftScan } from './drift-scan.ts';
import { driftFeatures, type Observation } from './signals.ts';

const features = driftFeatures(isRefusal);

function scanOf(observations: readonly Observation[]): DriftScan {
  const scan = new DriftScan(features);
  for (const observation of observations) scan.add(observation);
  return scan;
}

function normal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

describe('drift of a value', () => {
  it('raises a false alarm on at most 5 % of unchanged streams of 1,000, whatever the distribution', () => {
    const laws: ((uniform: () => number) => number)[] = [
      normal,
      (u) => -Math.log(1 - u()),
      (u) => Math.floor(u() * 3),
      (u) => 1 / (1 - u()),
    ];
    const streams = 150;
    let alarms = 0;
    for (const [index, law] of laws.entries()) {
      const uniform = seededUniform(index + 11);
      for (let stream = 0; stream < streams; stream += 1) {
        const values = Array.from({ length: 1000 }, () => ({ value: law(uniform) }));
        if (scanOf(values).verdicts()[0]?.changedAt !== null) alarms += 1;
      }
    }
    // 600 streams at 5 %: more than 43 alarms would have probability below 1 %.
    expect(alarms).toBeLessThanOrEqual(43);
  });

  it('finds and places a shift of two standard deviations', () => {
    const uniform = seededUniform(5);
    const errors: number[] = [];
    for (let stream = 0; stream < 40; stream += 1) {
      const values = Array.from({ length: 300 }, (_, index) => ({
        value: normal(uniform) + (index < 200 ? 0 : 2),
      }));
      const [verdict] = scanOf(values).verdicts();
      expect(verdict?.changedAt).not.toBeNull();
      expect(verdict?.before).toBeCloseTo(0, 0);
      expect(verdict?.after).toBeCloseTo(2, 0);
      errors.push(Math.abs((verdict?.changedAt ?? 0) - 200));
    }
    expect(errors.sort((a, b) => a - b)[20]).toBeLessThanOrEqual(3);
  });

  it('says of a prefix what it would say had the rest never come', () => {
    const uniform = seededUniform(9);
    const values = Array.from({ length: 160 }, (_, index) => ({
      value: normal(uniform) + (index < 100 ? 0 : 3),
    }));
    const scan = new DriftScan(features);
    for (const [index, value] of values.entries()) {
      scan.add(value);
      if (index % 20 === 0) expect(scan.verdicts()).toEqual(scanOf(values.slice(0, index + 1)).verdicts());
    }
  });
});

describe('drift of answers', () => {
  const plain = [
    'The parcel is on its way.',
    'Your refund was sent today.',
    'Please restart the device and try again.',
    'It opens at nine.',
  ];
  const pick = (texts: readonly string[], uniform: () => number): string =>
    texts[Math.floor(uniform() * texts.length)] as string;

  it('tells which signal changed', () => {
    const uniform = seededUniform(3);
    const stream = Array.from({ length: 160 }, (_, index) => {
      const text = pick(plain, uniform);
      return { answer: index < 120 ? text : `\`\`\`\n${text}\n\`\`\`` };
    });
    const format = scanOf(stream)
      .verdicts()
      .find(({ signal }) => signal === 'format');
    expect(format?.feature).toBe('code-fence');
    expect(Math.abs((format?.changedAt ?? 0) - 120)).toBeLessThanOrEqual(1);
    expect(format?.before).toBeLessThan(0.02);
    expect(format?.after).toBeGreaterThan(0.95);
  });

  it('finds refusals', () => {
    const uniform = seededUniform(4);
    const stream = Array.from({ length: 200 }, (_, index) => ({
      answer:
        index >= 150 && uniform() < 0.7 ? 'I’m sorry, but I can’t help with that.' : pick(plain, uniform),
    }));
    expect(
      scanOf(stream)
        .verdicts()
        .find(({ signal }) => signal === 'refusal')?.changedAt,
    ).not.toBeNull();
  });

  it('reports each signal once with null where nothing changed', () => {
    const verdicts = scanOf([{ answer: 'One.' }, { answer: 'Two.' }]).verdicts();
    expect(verdicts.map(({ signal, changedAt }) => [signal, changedAt])).toEqual([
      ['length', null],
      ['refusal', null],
      ['format', null],
      ['tone', null],
    ]);
  });
});
