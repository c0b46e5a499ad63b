// Real judges held against people: how many labels the correction saves, whether its intervals hold, what swapping the order is worth.
import { readFileSync } from 'node:fs';
import { swapAndAbstain, type Verdict as Preference } from '../../src/scoring/pairwise.ts';
import { covariance, mean, tInterval, variance } from '../../src/statistics/interval.ts';
import { correctedMean, type LabelledItem } from '../../src/statistics/prediction-powered.ts';
import { seededUniform } from '../../src/statistics/seeded.ts';
import { atLeast, dataPath, type Part, type Row } from './part.ts';

const DRAWS = 2_000;
const LABELS = 100;
/** The share won by the first response, as 0 tie, 1 first, 2 second. */
const WON = [0.5, 1, 0];

function readLines<Line>(name: string): Line[] {
  return readFileSync(dataPath(name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

type JudgeLine = { readonly humans: number[]; readonly judges: Record<string, number | null> };

/** What people and a jury (of one or more) gave each pair of responses, as the share won by the first. */
function gradedBy(jury: readonly string[]): LabelledItem[] {
  return readLines<JudgeLine>('judge.jsonl').flatMap(({ humans, judges }) => {
    const votes = jury.map((judge) => judges[judge] ?? null);
    if (votes.some((vote) => vote === null)) return [];
    const human = mean(humans.map((each) => WON[each] ?? 0));
    return [{ judge: mean(votes.map((vote) => WON[vote as number] ?? 0)), human }];
  });
}

interface Saved {
  readonly byWidth: number;
  readonly byError: number;
  readonly coverage: number;
}

/** Many times: some items keep their labels, the rest only the judge's grades; held against the labels alone with Student's interval. */
function drawn(items: readonly LabelledItem[]): Saved {
  const truth = mean(items.map(({ human }) => human));
  const uniform = seededUniform(7);
  let [covered, ours, alone, width, widthAlone] = [0, 0, 0, 0, 0];
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const keyed = items.map((item) => ({ item, key: uniform() })).toSorted((a, b) => a.key - b.key);
    const shuffled = keyed.map(({ item }) => item);
    const labelled = shuffled.slice(0, LABELS);
    const corrected = correctedMean(
      labelled,
      shuffled.slice(LABELS).map((item) => item.judge),
    );
    if (corrected === null) continue;
    const labels = labelled.map(({ human }) => human);
    const plain = tInterval(labels);
    covered += Number(corrected.interval.low <= truth && truth <= corrected.interval.high);
    ours += (corrected.estimate - truth) ** 2;
    alone += (mean(labels) - truth) ** 2;
    width += (corrected.interval.high - corrected.interval.low) ** 2;
    widthAlone += (plain.high - plain.low) ** 2;
  }
  return { byWidth: 1 - width / widthAlone, byError: 1 - ours / alone, coverage: covered / DRAWS };
}

/** Squared correlation of judge and people: no weight given to the judge saves a larger share of the labels. */
function mostSaved(items: readonly LabelledItem[]): number {
  const [judge, human] = [items.map((item) => item.judge), items.map((item) => item.human)];
  return covariance(judge, human) ** 2 / (variance(judge) * variance(human));
}

const LEAST_SAVED = 0.3;

/** Beside each share stands the most that any weight could save with these grades. */
function correction(name: string, jury: readonly string[]): Row[] {
  const items = gradedBy(jury);
  const most = mostSaved(items);
  const { byWidth, byError, coverage } = drawn(items);
  const limit = `at most ${most.toFixed(3)} can be`;
  return [
    atLeast(`${name}: labels saved at ${LABELS}, by width of the interval (${limit})`, byWidth, LEAST_SAVED),
    atLeast(`${name}: labels saved at ${LABELS}, by squared error (${limit})`, byError, LEAST_SAVED),
    atLeast(`${name}: intervals of 95 % that hold, over ${DRAWS} draws`, coverage, 0.93),
  ];
}

const preference = (written: string): Preference =>
  written === '1' ? 'first' : written === '2' ? 'second' : written === '0' ? 'tie' : null;

function swapping(): Row[] {
  const rows = readLines<{ gold: number; judges: Record<string, [string, string]> }>('judge-bias.jsonl');
  return Object.keys(rows[0]?.judges ?? {}).map((judge): Row => {
    let [single, kept, right] = [0, 0, 0];
    for (const { gold, judges } of rows) {
      const [straight, swapped] = (judges[judge] ?? ['', '']).map(preference) as [Preference, Preference];
      const truth = preference(String(gold));
      single += Number(straight === truth) + Number(swapped === truth);
      const outcome = swapAndAbstain(straight, swapped);
      if (outcome === 'abstain') continue;
      kept += 1;
      right += Number(outcome === truth);
    }
    const alone = single / (2 * rows.length);
    return {
      promise: `${judge}: verdicts kept by swap-and-abstain are righter than single ones`,
      figure: `${(right / kept).toFixed(3)} right of ${((100 * kept) / rows.length).toFixed(0)} % kept`,
      threshold: `> ${alone.toFixed(3)}`,
      verdict: right / kept > alone ? 'holds' : 'falls short',
    };
  });
}

export const judges: Part = {
  name: 'judges',
  what: 'judge models corrected by few human labels, freed of position bias',
  data: ['judge.jsonl', 'judge-bias.jsonl'],
  fast: false,
  timed: false,
  run: () =>
    Promise.resolve([
      ...correction('gpt-3.5-turbo', ['gpt-3.5-turbo']),
      ...correction('pandalm-7b', ['pandalm-7b']),
      ...correction('a jury of both', ['gpt-3.5-turbo', 'pandalm-7b']),
      ...swapping(),
    ]),
};
