// The fast parts of the proof, with the test suite: nothing may fall short.
import { describe, expect, it } from 'vitest';
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
