// PPI++ by simulation and on real judges: coverage, labels saved.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mean, tInterval } from './interval.ts';
import { correctedMean } from './prediction-powered.ts';
import { seededUniform } from './seeded.ts';

type Pair = readonly [judge: number, human: number];
const uniform = seededUniform(7);
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

function simulate(draw: () => Pair, truth: number, n: number, unlabelled: number, draws = 2_000) {
  let covered = 0;
  let ours = 0;
  let alone = 0;
  for (let run = 0; run < draws; run += 1) {
    const labelled = Array.from({ length: n }, draw).map(([judge, human]) => ({ judge, human }));
    const result = correctedMean(
      labelled,
      Array.from({ length: unlabelled }, () => draw()[0]),
    );
    if (result === null) throw new Error('no labels');
    if (result.interval.low <= truth + 1e-12 && result.interval.high >= truth - 1e-12) covered += 1;
    ours += (result.estimate - truth) ** 2;
    alone += (mean(labelled.map(({ human }) => human)) - truth) ** 2;
  }
  return { coverage: covered / draws, error: ours / alone };
}

const shareWith = (p: number, accuracy: number) => (): Pair => {
  const human = Number(uniform() < p);
  return [uniform() < accuracy ? human : 1 - human, human];
};

describe('2,000 draws: coverage of at least 93 %, never worse than the labels alone', () => {
  test.each<[string, () => Pair, number]>([
    ['a good judge of a share', shareWith(0.6, 0.85), 0.6],
    ['a rare failure', shareWith(0.9, 0.8), 0.9],
    ['a judge that hardly errs', shareWith(0.5, 0.98), 0.5],
    ['labels that are all equal', () => [Number(uniform() < 0.7), 1], 1],
    ['a judge that knows nothing', () => [uniform(), Number(uniform() < 0.3)], 0.3],
    [
      'ratings on another scale',
      () => {
        const human = 3 + 0.7 * normal();
        return [10 * human + 3 * normal(), human];
      },
      3,
    ],
  ])('%s', (_, draw, truth) => {
    for (const n of [25, 50, 100]) {
      const { coverage, error } = simulate(draw, truth, n, 400);
      expect(coverage, `coverage at ${n}`).toBeGreaterThanOrEqual(0.93);
      if (truth !== 1) expect(error, `squared error against labels alone at ${n}`).toBeLessThan(1.05);
    }
  });
});

const file = new URL('../../../shared/data/judge.jsonl', import.meta.url);
test.skipIf(!existsSync(file))('real judges: at 100 labels at least 30 % are saved', () => {
  interface Row {
    readonly humans: readonly number[];
    readonly judges: Readonly<Record<string, number | null>>;
  }
  const win = [0.5, 1, 0];
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  const items = rows.flatMap(({ humans, judges }): Pair[] => {
    const judge = judges['gpt-3.5-turbo'];
    return judge == null ? [] : [[win[judge] as number, mean(humans.map((vote) => win[vote] as number))]];
  });
  const truth = mean(items.map(([, human]) => human));
  let covered = 0;
  let [ours, alone, width, widthAlone] = [0, 0, 0, 0];
  for (let run = 0; run < 2_000; run += 1) {
    const shuffled = items.map((item) => ({ item, key: uniform() })).sort((a, b) => a.key - b.key);
    const labelled = shuffled.slice(0, 100).map(({ item: [judge, human] }) => ({ judge, human }));
    const result = correctedMean(
      labelled,
      shuffled.slice(100).map(({ item }) => item[0]),
    );
    if (result === null) throw new Error('no labels');
    const labels = labelled.map(({ human }) => human);
    const { low, high } = tInterval(labels);
    if (result.interval.low <= truth && truth <= result.interval.high) covered += 1;
    ours += (result.estimate - truth) ** 2;
    alone += (mean(labels) - truth) ** 2;
    width += (result.interval.high - result.interval.low) ** 2;
    widthAlone += (high - low) ** 2;
  }
  expect(covered / 2_000).toBeGreaterThanOrEqual(0.93);
  expect(1 - ours / alone).toBeGreaterThanOrEqual(0.28);
  expect(1 - width / widthAlone).toBeGreaterThanOrEqual(0.3);
});

test('edges', () => {
  expect(correctedMean([], [1, 2])).toBeNull();
  for (const n of [1, 2, 3]) {
    const result = correctedMean(
      Array.from({ length: n }, () => ({ judge: 4, human: 4 })),
      [4, 4],
    );
    expect(result?.estimate).toBe(4);
    expect(result?.interval.low).toBeLessThan(4);
    expect(Number.isFinite(result?.interval.high)).toBe(true);
  }
  expect(correctedMean([{ judge: 1e300, human: 0 }], [1e300])?.estimate).toBe(0);
});
