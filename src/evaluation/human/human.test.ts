// People: a sample nobody can choose, of every stratum; agreement as computed by hand; judges against people as grades arrive.
import { describe, expect, it } from 'vitest';
import { agreementOf, judgesAgainstPeople } from './agreement.ts';
import { DEFAULT_DIMENSIONS, ratingFault } from './dimensions.ts';
import { drawSample, type Candidate } from './draw-sample.ts';

const candidates = Array.from({ length: 400 }, (_, index): Candidate => {
  const judgeScores = index % 10 === 0 ? [0, 1] : [0.5, 0.5];
  return { interaction: `int_${index}`, prompt: index < 20 ? 'rare' : 'usual', version: '1.0', judgeScores };
});

describe('a sample', () => {
  it('is the same for the same traffic, in whatever order, and covers every stratum', () => {
    const drawn = drawSample(candidates, 0.05, ['prompt', 'judge_disagreement']);
    const again = drawSample(candidates.toReversed(), 0.05, ['prompt', 'judge_disagreement']);
    expect(new Set(again.map(({ interaction }) => interaction))).toEqual(
      new Set(drawn.map(({ interaction }) => interaction)),
    );
    expect(new Set(drawn.map(({ stratum }) => stratum)).size).toBe(4);
    expect(drawn.length).toBeGreaterThanOrEqual(20);
    expect(drawn.length).toBeLessThanOrEqual(24);
    expect(drawn.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(400);
  });

  it('grows with its share without leaving anything out', () => {
    const small = drawSample(candidates, 0.05, ['prompt']).map(({ interaction }) => interaction);
    const large = new Set(drawSample(candidates, 0.1, ['prompt']).map(({ interaction }) => interaction));
    expect(small.every((one) => large.has(one))).toBe(true);
  });
});

describe('grades', () => {
  it('fit their dimension', () => {
    expect(ratingFault(DEFAULT_DIMENSIONS, 'clarity', 5)).toBeNull();
    expect(ratingFault(DEFAULT_DIMENSIONS, 'clarity', 0)).toMatch(/from 1 to 5/);
    expect(ratingFault(DEFAULT_DIMENSIONS, 'safety', 3)).toMatch(/1 \(yes\) or 0/);
    expect(ratingFault(DEFAULT_DIMENSIONS, 'charm', 3)).toMatch(/no dimension "charm"/);
  });

  it('agree or not, and calibrate judges as they arrive', () => {
    const rating = (interaction: string, rater: string, value: number) => ({
      interaction,
      rater,
      dimension: 'helpfulness',
      value,
    });
    const ratings = ['a', 'b', 'c', 'd'].flatMap((one, index) => [
      rating(one, 'ann', index + 1),
      rating(one, 'bob', index + 1),
    ]);
    const helpfulness = agreementOf(ratings, DEFAULT_DIMENSIONS).find(
      ({ dimension }) => dimension === 'helpfulness',
    );
    expect(helpfulness).toMatchObject({ ratings: 8, raters: 2, shared: 4, mean: 2.5, alpha: 1, kappa: 1 });
    const judgements = ['a', 'b', 'c', 'd', 'e'].map((interaction) => ({
      interaction,
      judge: 'judge:x',
      score: 0.5,
    }));
    const before = judgesAgainstPeople(judgements, ratings.slice(0, 2), DEFAULT_DIMENSIONS)['judge:x'];
    const after = judgesAgainstPeople(judgements, ratings, DEFAULT_DIMENSIONS)['judge:x'];
    expect(before?.labelled).toBe(1);
    expect(after?.labelled).toBe(4);
    expect(after?.corrected_mean).toBeCloseTo((0 + 0.25 + 0.5 + 0.75) / 4);
  });
});
