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

/** Milliseconds, 95 % of the time. */
const MOST_AT_REST = 1000;
const MOST_MEANWHILE = 1500;

/** One query's row: four figures, two of which are promised. */
function queryRow(size: string, { name, atRest, meanwhile }: Figures['queries'][number]): Row {
  const shown = ({ p50, p95 }: Figures['queries'][number]['atRest']): string =>
    `${p50.toFixed(0)}, ${p95.toFixed(0)} ms`;
  const good = atRest.p95 <= MOST_AT_REST && meanwhile.p95 <= MOST_MEANWHILE;
  return {
    promise: `${size}: ${name}`,
    figure: `p50, p95: ${shown(atRest)}; while more is taken in ${shown(meanwhile)}`,
    threshold: `p95 ≤ ${MOST_AT_REST}; ≤ ${MOST_MEANWHILE} ms`,
    verdict: good ? 'holds' : 'falls short',
  };
}

function rowsOf(figures: Figures): Row[] {
  const size = `${figures.size} interactions`;
  return [
    atLeast(`${size}: taken a second, with 2 KB payloads`, figures.rate, 10_000, '/s'),
    atLeast(`${size}: taken a second meanwhile`, figures.meanwhileRate, 10_000, '/s'),
    atMost(`${size}: memory of the ledger process at its peak`, figures.peak, 1024, 'MiB'),
    atMost(`${size}: bytes on disk an interaction`, figures.bytesPerInteraction, 2048),
    ...figures.queries.filter(({ isCommon }) => isCommon).map((query) => queryRow(size, query)),
    exactly(`${size}: rows stored once`, Math.min(figures.stored, figures.distinct), figures.made),
  ];
}

export const ledgerSpeed: Part = {
  name: 'ledger',
  what: 'interactions taken in and the ten commonest queries, by the routes of the console',
  data: [],
  fast: false,
  timed: true,
  run: async ({ full }) => {
    const sizes = full ? ['1000000', '5000000'] : ['100000', '--rounds', '10'];
    const all = await figuresOf(figuresSchema, ['bench/ledger.ts', ...sizes, '--json']);
    return all.flatMap(rowsOf);
  },
};
