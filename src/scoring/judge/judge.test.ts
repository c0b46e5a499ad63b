// Judges: both orders, juries, failures that never become numbers, length told apart; and swap-and-abstain on recorded verdicts.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { swapAndAbstain, type Verdict } from '../pairwise.ts';
import { gradePairwise } from './grade-pairwise.ts';
import { gradePointwise } from './grade-pointwise.ts';
import type { AskJuror, Judge } from './judge.ts';
import { controlLength } from './length-control.ts';
import { readPreference } from './read-preference.ts';

const BIAS = '../shared/data/judge-bias.jsonl';

const judge: Judge = {
  mode: 'pairwise',
  rubric: 'Right is better.',
  dimensions: [],
  scale: { minimum: 1, maximum: 5, labels: {} },
  jury: ['x', 'y', 'z'],
  prompt_template: 'A: {response_a} B: {response_b} {question} {response}',
  temperature: 0,
  max_tokens: 10,
  length_control: true,
};

function answering(texts: Readonly<Record<string, (prompt: string) => string>>): AskJuror {
  return ({ model, text }) => {
    const say = texts[model];
    return Promise.resolve(
      say === undefined
        ? { failed: 'no answer', costUsd: '0.5' }
        : { text: say(text), costUsd: '0.25', interaction: `int_${model}` },
    );
  };
}

describe('a pairwise judge', () => {
  const answer = { question: 'q', response: 'good', other: 'bad' };
  const fair = (prompt: string): string => (prompt.startsWith('A: good') ? 'Verdict: A' : 'Verdict: B');

  it('sees both orders, and one that favours a place abstains', async () => {
    const first = (): string => '[[A]]';
    expect(await gradePairwise(judge, answer, answering({ x: fair, y: fair, z: first }))).toMatchObject({
      outcome: 'first',
      score: 1,
      cost_usd: '1.5',
    });
    const biased = await gradePairwise(
      { ...judge, jury: ['z', 'z2'] },
      answer,
      answering({ z: first, z2: first }),
    );
    expect(biased).toMatchObject({ outcome: 'abstain', score: null });
  });

  it('reads clear verdicts only', () => {
    expect(readPreference('Reasoning…\n**Winner:** Response B')).toBe('second');
    expect(readPreference('A')).toBe('first');
    expect(readPreference('[[C]]')).toBe('tie');
    expect(readPreference('Winner: A\nWinner: B')).toBeNull();
    expect(readPreference('A good answer is hard to find.')).toBeNull();
    expect(readPreference('')).toBeNull();
  });
});

describe('a pointwise jury', () => {
  it('takes the median, pays for all, and gives no number when most fail', async () => {
    const say = (rating: number) => (): string => `Rating: ${rating}\nExplanation: so`;
    const graded = await gradePointwise(
      judge,
      { question: 'q', response: 'r' },
      answering({ x: say(5), y: say(3), z: say(4) }),
    );
    expect(graded).toMatchObject({ score: 0.75, cost_usd: '0.75' });
    const failed = await gradePointwise(
      judge,
      { question: 'q', response: 'r' },
      answering({ x: say(5), y: () => 'no idea' }),
    );
    expect(failed).toMatchObject({ score: null, cost_usd: '1' });
  });

  it('can not be written to by the answer it grades', async () => {
    let seen = '';
    const ask: AskJuror = ({ text }) => {
      seen = text;
      return Promise.resolve({ failed: 'enough', costUsd: null });
    };
    await gradePointwise(judge, { question: '{rubric}', response: '{question}' }, ask);
    expect(seen).toContain('{rubric} {question}');
  });
});

describe('length control', () => {
  it('finds that a gain is length alone, and keeps one that is not', () => {
    const pairs = Array.from({ length: 60 }, (_, index) => {
      const doublings = (index % 7) / 2;
      return {
        baseCharacters: 100,
        newCharacters: 100 * 2 ** doublings,
        noise: ((index * 37) % 11) / 1000,
        doublings,
      };
    });
    const longer = controlLength(
      pairs.map((one) => ({ ...one, difference: 0.1 * one.doublings + one.noise - 0.005 })),
    );
    expect(longer?.per_doubling).toBeCloseTo(0.1, 2);
    expect(Math.abs(longer?.difference ?? 1)).toBeLessThan(0.005);
    const better = controlLength(pairs.map((one) => ({ ...one, difference: 0.2 + one.noise })));
    expect(better?.interval[0]).toBeGreaterThan(0.19);
    expect(controlLength([])).toBeNull();
  });
});

describe.skipIf(!existsSync(BIAS))('recorded judges', () => {
  it('better than chance are right more often where both orders agree; the others are only more sure of themselves', () => {
    const rows = readFileSync(BIAS, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { gold: number; judges: Record<string, [string, string]> });
    const meaning = (said: string): Verdict =>
      said === '1' ? 'first' : said === '2' ? 'second' : said === '3' || said === '0' ? 'tie' : null;
    const table = Object.keys(rows[0]?.judges ?? {}).map((name) => {
      let single = 0;
      let kept = 0;
      let right = 0;
      for (const { gold, judges } of rows) {
        const [straight, swapped] = judges[name] ?? ['', ''];
        // Verdicts of both orders are recorded by the answers' own numbers.
        const outcome = swapAndAbstain(meaning(straight), meaning(swapped));
        const wanted = gold === 1 ? 'first' : 'second';
        if (meaning(straight) === wanted) single += 1;
        if (outcome === 'abstain') continue;
        kept += 1;
        if (outcome === wanted) right += 1;
      }
      return { judge: name, single: single / rows.length, kept: kept / rows.length, accuracy: right / kept };
    });
    console.log(
      table
        .map(
          (one) =>
            `${one.judge}: one order ${one.single.toFixed(3)}, kept ${one.kept.toFixed(3)}, of these right ${one.accuracy.toFixed(3)}`,
        )
        .join('\n'),
    );
    for (const { single, kept, accuracy } of table) {
      if (single > 0.5) expect(accuracy).toBeGreaterThan(single);
      expect(kept).toBeGreaterThan(0.3);
    }
  });
});
