// Judges: ratings read or null, swap-and-abstain, juries.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ratingToScore, readJudgeAnswer } from './judge-answer.ts';
import { juryRating, juryVerdict, swapAndAbstain, unswap } from './pairwise.ts';
import type { Verdict } from './pairwise.ts';

describe('a rating is read', () => {
  test.each([
    ['Rating: 4\nExplanation: good', 4],
    ['**Rating:** [5]\n\n**Explanation:** fine', 5],
    ['Explanation: weak in parts\nRating: 2/5', 2],
    ['rating = 3', 3],
    ['Overall score: 4 out of 5', 4],
    ['Rating: 4.5', 4.5],
    ['I think so.\n> Rating: 4', 4],
  ])('%j', (text, rating) => expect(readJudgeAnswer(text).rating).toBe(rating));
  test('with what was said', () => {
    expect(readJudgeAnswer('Rating: 4\nExplanation: It is short.\nAnd right.').explanation).toBe(
      'It is short.\nAnd right.',
    );
    expect(ratingToScore(4, { least: 1, most: 5 })).toBe(0.75);
  });
});

describe('a failure is never a number', () => {
  test.each([
    '',
    'I cannot rate this.',
    'Rating: [1-5]',
    'Rating: 1-5',
    'Rating: high',
    'Rating: 9',
    'Rating: 0',
    'Rating: -1',
    'Rating: 8/10',
    'Rating: 4\nRating: 2',
    '4',
    'There are 3 errors',
    'Rating: NaN',
  ])('%j', (text) => expect(readJudgeAnswer(text).rating).toBeNull());
});

test('both orders must agree; a jury needs a majority', () => {
  expect(swapAndAbstain('first', unswap('second'))).toBe('first');
  expect(swapAndAbstain('first', unswap('first'))).toBe('abstain');
  expect(swapAndAbstain(null, null)).toBe('abstain');
  expect(juryVerdict(['first', 'first', 'second'])).toBe('first');
  expect(juryVerdict(['first', 'second'])).toBe('abstain');
  expect(juryVerdict(['abstain', 'abstain', 'tie'])).toBe('tie');
  expect(juryRating([4, null, 2])).toBe(3);
  expect(juryRating([4, null, null])).toBeNull();
});

const file = new URL('../../../shared/data/judge-bias.jsonl', import.meta.url);
test.skipIf(!existsSync(file))(
  'real judges in both orders: verdicts kept are righter than single ones',
  () => {
    interface Row {
      readonly gold: number;
      readonly judges: Readonly<Record<string, readonly [string, string]>>;
    }
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    const verdict = (written: string): Verdict =>
      written === '1' ? 'first' : written === '2' ? 'second' : written === '0' ? 'tie' : null;
    for (const judge of Object.keys(rows[0]?.judges ?? {})) {
      let [single, kept, right] = [0, 0, 0];
      for (const { gold, judges } of rows) {
        const [straight, swapped] = judges[judge] as readonly [string, string];
        const truth = verdict(String(gold));
        single += Number(verdict(straight) === truth) + Number(verdict(swapped) === truth);
        const outcome = swapAndAbstain(verdict(straight), verdict(swapped));
        if (outcome === 'abstain') continue;
        kept += 1;
        right += Number(outcome === truth);
      }
      // What both orders share is not only right but also wrong more often: it helps a judge that is right more often than not.
      const alone = single / (2 * rows.length);
      if (alone > 0.5) expect(right / kept, judge).toBeGreaterThan(alone);
      expect(kept, judge).toBeGreaterThan(rows.length / 10);
    }
  },
);
