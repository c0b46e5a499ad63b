// Under load and failing: an outage of one of two providers, more than the gateway can take, minutes of steady traffic, a load that repeats
// itself.
import { measureCache } from '../end-to-end/cache-savings.ts';
import { runOutage } from '../fault/outage.ts';
import { runNode } from './child.ts';
import { atLeast, atMost, exactly, type Part, type Row, type Verdict } from './part.ts';

const VERDICT = /^(kept|NOT KEPT|not judged): (.*?)(?: \(([^()]*)\))?$/;

const VERDICTS: Readonly<Record<string, Verdict>> = { kept: 'holds', 'NOT KEPT': 'falls short' };

/** The rows of a benchmark that ends with lines `kept: PROMISE (FIGURES)`. */
async function verdictRows(arguments_: readonly string[]): Promise<Row[]> {
  const { code, out, err } = await runNode(arguments_);
  const rows = out.split('\n').flatMap((line): Row[] => {
    const [, how, promise, figure] = VERDICT.exec(line) ?? [];
    if (promise === undefined) return [];
    return [
      {
        promise,
        figure: figure ?? (how === 'kept' ? 'yes' : 'no'),
        threshold: '',
        verdict: VERDICTS[how ?? ''] ?? 'not measured',
      },
    ];
  });
  if (rows.length === 0)
    throw new Error(`${arguments_[0]} ended with ${code} and no figures: ${err.slice(-800)}`);
  return rows;
}

const outage: Part = {
  name: 'outage',
  what: 'one of two providers goes down under 100 requests a second and comes back',
  data: [],
  fast: false,
  timed: true,
  run: async ({ full }) => {
    const seconds = full ? { before: 5, down: 60, after: 40 } : { before: 2, down: 15, after: 32 };
    const report = await runOutage({ rate: 100, seconds, fault: { down: true } });
    const calls = report.upstreamCalls / report.sent;
    return [
      atLeast(`answered while down ${seconds.down} s`, report.answered / report.sent, 0.999),
      atMost('failures until nobody calls it', report.failuresUntilOpen, 5),
      atMost('used again after it is back', (report.recoveredMs ?? Number.NaN) / 1000, 30, 's'),
      atMost('calls upstream a request', calls, 1.2),
    ];
  },
};

const overload: Part = {
  name: 'overload',
  what: 'three times the configured capacity, and saturation without one',
  data: [],
  fast: false,
  timed: true,
  run: ({ full }) =>
    verdictRows(['bench/overload.ts', ...(full ? ['--rounds', '5'] : ['--rounds', '2', '--seconds', '3'])]),
};

const soak: Part = {
  name: 'soak',
  what: 'steady traffic, 30 % streams, 10 % clients that leave',
  data: [],
  fast: false,
  timed: false,
  run: async ({ full }) => [
    ...(await verdictRows([
      'bench/soak.ts',
      ...(full ? ['--minutes', '15'] : ['--minutes', '2', '--vendor-keeps', '12']),
    ])),
    ...(full ? [await plantedLeaks()] : []),
  ],
};

/** Whether a soak would see it if files, connections to the vendor and connections of clients leaked: here they do. */
async function plantedLeaks(): Promise<Row> {
  const rows = await verdictRows(['bench/soak.ts', '--minutes', '1', '--plant', 'files,vendor,clients']);
  const broken = rows.filter(({ verdict }) => verdict === 'falls short').map(({ promise }) => promise);
  const expected = ['files and other descriptors', 'idle connections are closed'];
  const found = expected.filter((one) => broken.some((promise) => promise.startsWith(one)));
  return exactly('verdicts that leaks planted on purpose break', found.length, expected.length);
}

const cache: Part = {
  name: 'cache',
  what: 'a load that repeats itself: hits and savings against a calculation of their own',
  data: ['answers.jsonl'],
  fast: false,
  timed: true,
  run: async ({ full }) => {
    const { hits, saved, spent, wrongTexts, hitMs } = await measureCache(full ? 5_000 : 1_500);
    return [
      exactly('hits', hits.seen, hits.calculated),
      equal('saved, US$', saved),
      equal('spent, US$', spent),
      exactly('answers with another text', wrongTexts, 0),
      atMost('a hit takes, p50', hitMs.p50, 1, 'ms'),
    ];
  },
};

function equal(promise: string, amount: { readonly reported: string; readonly calculated: string }): Row {
  return {
    promise,
    figure: amount.reported,
    threshold: `= ${amount.calculated}`,
    verdict: amount.reported === amount.calculated ? 'holds' : 'falls short',
  };
}

export const underLoad: readonly Part[] = [outage, overload, soak, cache];
