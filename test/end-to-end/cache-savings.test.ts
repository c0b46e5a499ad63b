// What the exact cache saves is what it must be by a calculation of its own. A short load here; the long one, with the time a hit takes, is run
// by cache-savings.ts.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measureCache } from './cache-savings.ts';
import { RECORDED_ANSWERS } from './replayed-answers.ts';

describe.skipIf(!existsSync(RECORDED_ANSWERS))('a load that repeats itself', () => {
  it('has as many hits, and saves and costs as much, as calculated', async () => {
    const { requests, hits, saved, spent, wrongTexts, distinct } = await measureCache(400, 60);
    expect([requests, wrongTexts]).toEqual([400, 0]);
    expect(hits.seen).toBe(hits.calculated);
    expect(hits.seen).toBeGreaterThan(200);
    expect(distinct).toBeGreaterThan(30);
    expect(saved.reported).toBe(saved.calculated);
    expect(spent.reported).toBe(spent.calculated);
    expect(Number(saved.reported)).toBeGreaterThan(0.1);
  }, 120_000);
});
