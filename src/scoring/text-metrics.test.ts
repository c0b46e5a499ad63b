// ROUGE and BLEU against their reference implementations.
import * as fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bleuScorer } from './bleu/bleu-scorer.ts';
import type { BleuTokenizer } from './bleu/tokenize.ts';
import { porterStem } from './rouge/porter-stemmer.ts';
import { rougeScorer } from './rouge/rouge-scorer.ts';
import type { RougeKind } from './rouge/rouge-scorer.ts';
import type { ScorerResult } from './scorer.ts';

interface Row {
  readonly metric: string;
  readonly stemmer?: boolean;
  readonly target: string;
  readonly prediction: string;
  readonly recall: number;
  readonly precision: number;
  readonly f: number;
  readonly tokenize: BleuTokenizer;
  readonly hypotheses: readonly string[];
  readonly references: readonly (readonly string[])[];
  readonly score: number;
}

const file = new URL('../../../shared/data/text-metrics.jsonl', import.meta.url);
const rows: Row[] = existsSync(file)
  ? readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
  : [];
const KINDS: Readonly<Record<string, RougeKind>> = {
  rouge1: 'rouge-1',
  rouge2: 'rouge-2',
  rougeL: 'rouge-l',
  rougeLsum: 'rouge-lsum',
};

describe.skipIf(rows.length === 0)('equal to the references', () => {
  test.each(rows.filter((row) => row.metric in KINDS))('$metric of "$prediction"', (row) => {
    const scorer = rougeScorer(KINDS[row.metric] as RougeKind, row.stemmer === true);
    const result = scorer.score({ output: row.prediction, reference: row.target }) as ScorerResult;
    expect(result.score).toBeCloseTo(row.f, 4);
    expect(result.precision).toBeCloseTo(row.precision, 4);
    expect(result.recall).toBeCloseTo(row.recall, 4);
  });
  test.each(rows.filter((row) => row.metric === 'bleu'))('BLEU, $tokenize', (row) => {
    const result = bleuScorer(row.tokenize).score({ output: row.hypotheses, reference: row.references });
    expect((result as ScorerResult).score).toBeCloseTo(row.score / 100, 6);
  });
});

test("Porter's stems as NLTK gives them", () => {
  const stems: Readonly<Record<string, string>> = {
    caresses: 'caress',
    ponies: 'poni',
    ties: 'tie',
    dies: 'die',
    cats: 'cat',
    feed: 'feed',
    agreed: 'agre',
    plastered: 'plaster',
    motoring: 'motor',
    sing: 'sing',
    conflated: 'conflat',
    troubled: 'troubl',
    sized: 'size',
    hopping: 'hop',
    falling: 'fall',
    hissing: 'hiss',
    fizzed: 'fizz',
    failing: 'fail',
    filing: 'file',
    happy: 'happi',
    enjoy: 'enjoy',
    relational: 'relat',
    conditional: 'condit',
    rational: 'ration',
    digitizer: 'digit',
    vietnamization: 'vietnam',
    operator: 'oper',
    feudalism: 'feudal',
    decisiveness: 'decis',
    hopefulness: 'hope',
    callousness: 'callous',
    formaliti: 'formal',
    triplicate: 'triplic',
    formative: 'form',
    electrical: 'electr',
    goodness: 'good',
    revival: 'reviv',
    allowance: 'allow',
    adjustable: 'adjust',
    replacement: 'replac',
    adoption: 'adopt',
    communism: 'commun',
    effective: 'effect',
    probate: 'probat',
    rate: 'rate',
    cease: 'ceas',
    controll: 'control',
    roll: 'roll',
    skies: 'sky',
    dying: 'die',
    died: 'die',
    spied: 'spi',
    geologi: 'geolog',
    hopefulli: 'hope',
    traditionalli: 'tradit',
  };
  for (const [word, stem] of Object.entries(stems)) expect(porterStem(word), word).toBe(stem);
});

describe('any texts', () => {
  const text = fc.string({ unit: 'binary', maxLength: 120 });
  test('scores lie in 0..1; a text equals itself', () => {
    const scorers = [
      ...Object.values(KINDS).flatMap((kind) => [rougeScorer(kind, false), rougeScorer(kind, true)]),
      bleuScorer(),
    ];
    fc.assert(
      fc.property(text, text, (output, reference) => {
        for (const scorer of scorers) {
          const { score } = scorer.score({ output, reference }) as ScorerResult;
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 200 },
    );
    for (const scorer of scorers)
      expect(scorer.score({ output: 'one two three four', reference: 'one two three four' })).toMatchObject({
        score: 1,
      });
  });
  test('several references: the best counts; a missing one is said', () => {
    const scorer = rougeScorer('rouge-1', false);
    expect(scorer.score({ output: 'a b', reference: ['c d', 'a b'] })).toMatchObject({ score: 1 });
    expect(() => scorer.score({ output: 'a b' })).toThrow(/reference/);
    expect(() => bleuScorer().score({ output: ['a', 'b'], reference: ['a'] })).toThrow(/2 outputs/);
  });
});
