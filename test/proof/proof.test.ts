// The fast parts of the proof, with the test suite: nothing may fall short.
import { describe, expect, it } from 'vitest';
import { measureAtOnce } from './at-once.ts';
import { proofPage, type MeasuredPart } from './page.ts';
import { absentData } from './part.ts';
import { PARTS } from './parts.ts';

describe('the table of parts', () => {
  it('names each part once', () => {
    const names = PARTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.join(' ')).toMatch(/^[a-z -]+$/);
  });
});

describe('fast parts hold', () => {
  it.each(PARTS.filter(({ fast }) => fast))('$name', async (part) => {
    if (absentData(part).length > 0) return;
    const rows = await part.run({ full: false });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  });
});

describe('parts whose figures no clock decides', () => {
  const [prices, metrics] = ['cost-price', 'text-metrics'].map((name) =>
    PARTS.find((part) => part.name === name),
  );

  it('run two at once, and say so', async () => {
    const parts = [prices, metrics].filter((part) => part !== undefined);
    const told: string[] = [];
    const taken: MeasuredPart[] = [];
    await measureAtOnce(parts, {
      extent: { full: false },
      earlier: [],
      tell: ({ name }) => told.push(name),
      take: async (measured) => void taken.push(measured),
    });
    expect(told).toEqual(['cost-price', 'text-metrics']);
    expect(taken.map(({ name }) => name)).toEqual(expect.arrayContaining(told));
    expect(taken.map(({ shared }) => shared)).toEqual([true, true]);
  }, 60_000);

  it('fall short, and leave the others to go on, where their process comes to no figures', async () => {
    const lost = { name: 'lost', what: 'nobody knows it', data: [], fast: false, timed: false };
    const parts = [{ ...lost, run: () => Promise.resolve([]) }, ...(prices === undefined ? [] : [prices])];
    const taken: MeasuredPart[] = [];
    await measureAtOnce(parts, {
      extent: { full: false },
      earlier: [],
      tell: () => undefined,
      take: async (measured) => void taken.push(measured),
    });
    const verdicts = new Map(taken.map(({ name, rows }) => [name, rows[0]?.verdict]));
    expect(verdicts).toEqual(
      new Map([
        ['lost', 'falls short'],
        ['cost-price', 'holds'],
      ]),
    );
  }, 60_000);

  it('count once in the time of all', () => {
    const one = {
      what: '',
      extent: 'quick',
      commit: '',
      machine: '',
      node: '',
      loadAtStart: 0,
      paceAtStart: 1,
    } as const;
    const parts = [
      { ...one, name: 'a', at: '2026-01-01T00:00:00Z', seconds: 120, shared: true, rows: [] },
      { ...one, name: 'b', at: '2026-01-01T00:01:00Z', seconds: 120, shared: true, rows: [] },
      { ...one, name: 'c', at: '2026-01-01T01:00:00Z', seconds: 60, shared: false, rows: [] },
    ];
    expect(proofPage(parts)).toContain('took 4.0 minutes');
  });
});
