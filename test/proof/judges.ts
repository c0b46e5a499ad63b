// Real judges held against people: how many labels the correction saves, whether its intervals hold, what swapping the order is worth.
import { readFileSync } from 'node:fs';
import { swapAndAbstain, type Verdict as Preference } from '../../src/scoring/pairwise.ts';
import { mean, tInterval } from '../../src/statistics/interval.ts';
import { correctedMean } from '../../src/statistics/prediction-powered.ts';
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

function correction(judge: string): Row[] {
  const rows = readLines<{ humans: number[]; judges: Record<string, number | null> }>('judge.jsonl');
  const items = rows.flatMap(({ humans, judges }) => {
    const vote = judges[judge];
    return vote == null ? [] : [{ judge: WON[vote] ?? 0, human: mean(humans.map((each) => WON[each] ?? 0)) }];
  });
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
  return [
    atLeast(
      `${judge}: share of labels saved at ${LABELS} labels, by width of the interval`,
      1 - width / widthAlone,
      0.3,
    ),
    atLeast(`${judge}: share of labels saved at ${LABELS} labels, by squared error`, 1 - ours / alone, 0.3),
    atLeast(`${judge}: intervals of 95 % that hold, over ${DRAWS} draws`, covered / DRAWS, 0.93),
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
      promise: `${judge}: verdicts kept by swap-and-abstain are righter than single ones (where those beat a coin)`,
      figure: `${(right / kept).toFixed(3)} right of ${((100 * kept) / rows.length).toFixed(0)} % kept`,
      threshold: alone > 0.5 ? `> ${alone.toFixed(3)}` : `single ${alone.toFixed(3)}: no better than a coin`,
      verdict: alone <= 0.5 || right / kept > alone ? 'holds' : 'falls short',
    };
  });
}

export const judges: Part = {
  name: 'judges',
  what: 'judge models corrected by few human labels, freed of position bias',
  data: ['judge.jsonl', 'judge-bias.jsonl'],
  fast: true,
  run: () => Promise.resolve([...correction('gpt-3.5-turbo'), ...swapping()]),
};
