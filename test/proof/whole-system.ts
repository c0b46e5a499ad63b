// Every fault over the whole system under load: nothing lost, nothing doubled, nothing dead that was not killed.
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { WholeReport } from '../fault/whole-system.ts';
import { runNode } from './child.ts';
import { atMost, exactly, notMeasured, type Part, type Row } from './part.ts';

const PROGRAM = fileURLToPath(new URL('../fault/whole-system.ts', import.meta.url));

const counts = z.object({
  gateway: z.number(),
  console: z.number(),
  ledger: z.number(),
  supervisor: z.number(),
});
const reportSchema: z.ZodType<WholeReport> = z.object({
  phases: z.array(
    z.object({
      phase: z.string(),
      requests: z.number(),
      finished: z.number(),
      lost: z.number(),
      doubled: z.number(),
      crashed: z.number(),
      readyMs: z.number().nullable(),
      skipped: z.string().nullable(),
    }),
  ),
  kills: counts,
  crashes: counts,
  faults: z.array(z.string()),
  interrupted: z.number(),
  cacheHits: z.number(),
  findings: z.number(),
  notified: z.number(),
  wrongCost: z.number(),
  settledUsd: z.string(),
  recordedUsd: z.string(),
  seconds: z.number(),
});

function rowsOf(report: WholeReport): Row[] {
  const sum = (of: (phase: WholeReport['phases'][number]) => number): number =>
    report.phases.reduce((total, phase) => total + of(phase), 0);
  const skipped = report.phases.flatMap(({ phase, skipped: why }) =>
    why === null ? [] : [notMeasured(`${phase}, over the whole system`, why)],
  );
  const ready = report.phases.flatMap(({ phase, readyMs }) =>
    readyMs === null ? [] : [atMost(`${phase}: ready again, worst`, readyMs, 2_000, 'ms')],
  );
  const kills = Object.values(report.kills).reduce((total, count) => total + count, 0);
  const crashes = Object.values(report.crashes).reduce((total, count) => total + count, 0);
  const [first] = report.faults;
  return [
    exactly(
      `answers lost, of ${sum(({ finished }) => finished)} finished`,
      sum(({ lost }) => lost),
      0,
    ),
    exactly(
      'interactions or attempts recorded twice',
      sum(({ doubled }) => doubled),
      0,
    ),
    exactly(`processes dead that were not killed (${kills} kills)`, crashes, 0),
    exactly('recorded at another cost than computed beside it', report.wrongCost, 0),
    {
      promise: 'budgets settled what the ledger recorded, US$',
      figure: report.settledUsd,
      threshold: `= ${report.recordedUsd}`,
      verdict: report.settledUsd === report.recordedUsd ? 'holds' : 'falls short',
    },
    exactly(`anything else wrong${first === undefined ? '' : ` (${first})`}`, report.faults.length, 0),
    ...ready,
    ...skipped,
  ];
}

export const wholeSystem: Part = {
  name: 'whole-system',
  what: 'kills, full disk, clock an hour on and back, failing vendors and networks, hostile requests, all on, one after another under load',
  data: [],
  fast: false,
  timed: true,
  run: async ({ full }) => {
    const ended = await runNode([PROGRAM, '--json', '--kills', full ? '5' : '2']);
    const line = ended.out.trim().split('\n').at(-1) ?? '';
    if (!line.startsWith('{'))
      throw new Error(`it came to no report (${ended.code}): ${ended.err.slice(-2_000)}`);
    return rowsOf(reportSchema.parse(JSON.parse(line)));
  },
};
