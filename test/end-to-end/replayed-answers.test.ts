// Recorded answers through a whole installation: byte-equal, recorded once each, and the sum of money right to the last digit. A few
// questions here; all of them in the proof.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RECORDED_ANSWERS, replayAnswers } from './replayed-answers.ts';

describe.skipIf(!existsSync(RECORDED_ANSWERS))('recorded answers of seven models', () => {
  it('come out byte-equal, are in the ledger once, and cost what they must', async () => {
    const figures = await replayAnswers(5);
    expect(figures).toMatchObject({
      sent: 70,
      unequalTexts: 0,
      recorded: 70,
      missing: 0,
      doubled: 0,
      wrongCosts: 0,
      sumLedger: figures.sumCalculated,
    });
    expect(Number(figures.sumCalculated)).toBeGreaterThan(0.1);
  }, 120_000);
});
