// The figures of the proof as a table for the terminal and as a page. Pure.
import { z } from 'zod';

/** One part as measured. */
export const measuredSchema = z.strictObject({
  name: z.string(),
  what: z.string(),
  extent: z.enum(['quick', 'full']),
  /** ISO 8601, of the start. */
  at: z.string(),
  commit: z.string(),
  machine: z.string(),
  node: z.string(),
  /** Load average of one minute when the part began: on a busy machine, times are not the product's alone. */
  loadAtStart: z.number(),
  /** Megabytes of JSON that one thread read and wrote in a second when the part began (see pace.ts); null in runs from before that was kept. */
  paceAtStart: z.number().nullable().default(null),
  /** Whether other parts ran at the same time: then no clock decides its figures, and its seconds are longer than it needs. */
  shared: z.boolean().default(false),
  seconds: z.number(),
  rows: z.array(
    z.strictObject({
      promise: z.string(),
      figure: z.string(),
      threshold: z.string(),
      verdict: z.enum(['holds', 'falls short', 'not measured']),
    }),
  ),
});

export type MeasuredPart = z.output<typeof measuredSchema>;

/** The figures kept by an earlier run. */
export function readMeasured(text: string): MeasuredPart[] {
  return z.array(measuredSchema).parse(JSON.parse(text));
}

function counts(parts: readonly MeasuredPart[]): string {
  const rows = parts.flatMap((part) => part.rows);
  const of = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length;
  return `${of('holds')} hold, ${of('falls short')} fall short, ${of('not measured')} not measured`;
}

/** Aligned columns: part, promise, figure, threshold, verdict, seconds. */
export function proofTable(parts: readonly MeasuredPart[]): string {
  const lines = parts.flatMap((part) =>
    part.rows.map((row, index) => [
      index === 0 ? part.name : '',
      row.promise,
      row.figure,
      row.threshold,
      row.verdict,
      index === 0 ? part.seconds.toFixed(1) : '',
    ]),
  );
  const all = [['part', 'promise', 'figure', 'threshold', '', 'seconds'], ...lines];
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.min(100, Math.max(...all.map((cells) => cells[column]?.length ?? 0))),
  );
  const rows = all.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...rows, '', counts(parts)].join('\n');
}

/** Minutes in which any of them ran: some run at the same time. */
function minutesOf(parts: readonly MeasuredPart[]): number {
  let [until, taken] = [0, 0];
  const spans = parts.map(({ at, seconds }) => ({
    from: Date.parse(at),
    to: Date.parse(at) + seconds * 1000,
  }));
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    taken += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return taken / 60_000;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The page in Markdown. */
export function proofPage(parts: readonly MeasuredPart[]): string {
  const rows = parts.flatMap((part) =>
    part.rows.map(
      (row, index) =>
        `| ${index === 0 ? `**${part.name}**` : ''} | ${cell(row.promise)} | ${cell(row.figure)} | ${cell(row.threshold)} | ${row.verdict} | ${index === 0 ? part.seconds : ''} |`,
    ),
  );
  const circumstances = parts.map(
    (part) =>
      `| ${part.name} | ${part.extent}${part.shared ? ', beside another' : ''} | ${part.at} | ${part.commit} | ${part.loadAtStart} | ${part.paceAtStart ?? ''} | ${part.node} | ${cell(part.machine)} |`,
  );
  return [
    '# Proof',
    '',
    'Written by `npm run proof`; nothing is edited by hand. Every figure is computed from data or by a harness at the time given below. A row that falls short stands here until it is mended.',
    '',
    `${counts(parts)}. All parts together took ${minutesOf(parts).toFixed(1)} minutes.`,
    '',
    '| part | promise | figure | threshold | verdict | seconds |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    '## Circumstances',
    '',
    'A part whose figures no clock decides runs beside another one. A high load at the start of any other means that other work ran on the machine: times are then longer than the product needs. Pace is how many megabytes of JSON one thread of it read and wrote in a second at the start: shared machines differ from hour to hour.',
    '',
    '| part | extent | begun | commit | load | pace | Node | machine |',
    '|---|---|---|---|---|---|---|---|',
    ...circumstances,
    '',
  ].join('\n');
}
