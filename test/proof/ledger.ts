// The ledger as a part: interactions taken in, the ten commonest queries, memory and bytes on disk, at one size or at two.
import { z } from 'zod';
import { figuresOf } from './child.ts';
import { atLeast, atMost, exactly, type Part, type Row } from './part.ts';

const timesSchema = z.object({ p50: z.number(), p95: z.number() });

const figuresSchema = z.array(
  z.object({
    size: z.number(),
    rate: z.number(),
    meanwhileRate: z.number(),
    peak: z.number(),
    bytesPerInteraction: z.number(),
    made: z.number(),
    stored: z.number(),
    distinct: z.number(),
    queries: z.array(
      z.object({ name: z.string(), isCommon: z.boolean(), atRest: timesSchema, meanwhile: timesSchema }),
    ),
  }),
);
type Figures = z.output<typeof figuresSchema>[number];

/** The row of the slowest of the ten, which it names. */
function slowest(
  { queries }: Figures,
  title: string,
  when: 'atRest' | 'meanwhile',
  quantile: 'p50' | 'p95',
  bound: number,
): Row {
  const common = queries.filter(({ isCommon }) => isCommon);
  const worst = common.reduce((one, other) => (other[when][quantile] > one[when][quantile] ? other : one));
  const row = atMost(`${title}, ${quantile}`, worst[when][quantile], bound, 'ms');
  return { ...row, figure: `${row.figure} (${worst.name})` };
}

function rowsOf(figures: Figures): Row[] {
  const size = `${figures.size} interactions`;
  return [
    atLeast(`${size}: taken a second, with 2 KB payloads`, figures.rate, 10_000, '/s'),
    slowest(figures, `${size}: slowest of the ten commonest queries at rest`, 'atRest', 'p50', 1000),
    slowest(figures, `${size}: slowest of the ten at rest`, 'atRest', 'p95', 1000),
    slowest(figures, `${size}: slowest of the ten while more is taken in`, 'meanwhile', 'p95', 1500),
    atLeast(`${size}: taken a second meanwhile`, figures.meanwhileRate, 10_000, '/s'),
    atMost(`${size}: memory of the ledger process at its peak`, figures.peak, 1024, 'MiB'),
    atMost(`${size}: bytes on disk an interaction`, figures.bytesPerInteraction, 2048),
    exactly(`${size}: rows stored once`, Math.min(figures.stored, figures.distinct), figures.made),
  ];
}

export const ledgerSpeed: Part = {
  name: 'ledger',
  what: 'interactions taken in and the ten commonest queries, by the routes of the console',
  data: [],
  fast: false,
  run: async ({ full }) => {
    const sizes = full ? ['1000000', '5000000'] : ['100000', '--rounds', '10'];
    const all = await figuresOf(figuresSchema, ['bench/ledger.ts', ...sizes, '--json']);
    return all.flatMap(rowsOf);
  },
};
