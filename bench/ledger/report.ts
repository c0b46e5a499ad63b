// The ledger benchmark's figures, sizes side by side with the ratio of the last to the first.

/** Milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p95: number;
}

export interface QueryFigures {
  readonly name: string;
  /** One of the ten commonest. */
  readonly isCommon: boolean;
  readonly atRest: Times;
  readonly meanwhile: Times;
}

export interface LedgerFigures {
  readonly size: number;
  /** Interactions taken a second: alone, and while queries ran. */
  readonly rate: number;
  readonly meanwhileRate: number;
  /** MiB of the ledger's process. */
  readonly residentAfterFilling: number;
  readonly peakWhileFilling: number;
  readonly resident: number;
  readonly peak: number;
  readonly bytesPerInteraction: number;
  readonly bytesByTable: Readonly<Record<string, number>>;
  readonly made: number;
  readonly feedback: number;
  readonly stored: number;
  readonly distinct: number;
  readonly storedFeedback: number;
  readonly queries: readonly QueryFigures[];
}

const WIDTH = 52;

function line(name: string, figures: readonly number[], digits = 0): string {
  const ratio = figures.length > 1 ? `${((figures.at(-1) ?? 0) / (figures[0] ?? 1)).toFixed(2)} ×` : '';
  return `${name.padEnd(WIDTH)}${figures.map((one) => one.toFixed(digits).padStart(12)).join('')}${ratio.padStart(10)}`;
}

export function ledgerTable(all: readonly LedgerFigures[]): string {
  const [first] = all;
  if (first === undefined) return '';
  const of = (figure: (one: LedgerFigures) => number): number[] => all.map(figure);
  const lines = [
    line(
      'interactions',
      of(({ size }) => size),
    ),
    line(
      'taken a second',
      of(({ rate }) => rate),
    ),
    line(
      'taken a second while queried (10,500 are sent)',
      of(({ meanwhileRate }) => meanwhileRate),
    ),
    line(
      'memory of its process after filling, MiB',
      of(({ residentAfterFilling }) => residentAfterFilling),
    ),
    line(
      'memory at its peak while filling, MiB',
      of(({ peakWhileFilling }) => peakWhileFilling),
    ),
    line(
      'memory at its peak, MiB',
      of(({ peak }) => peak),
    ),
    line(
      'bytes on disk an interaction',
      of(({ bytesPerInteraction }) => bytesPerInteraction),
    ),
    ...Object.keys(first.bytesByTable).map((table) =>
      line(
        `  of these ${table}`,
        of(({ bytesByTable, size }) => (bytesByTable[table] ?? 0) / size),
        1,
      ),
    ),
    line(
      'rows stored of rows sent',
      of(({ stored, made }) => stored / made),
      6,
    ),
    line(
      'rows stored once',
      of(({ distinct, made }) => distinct / made),
      6,
    ),
    line(
      'feedback stored of feedback sent',
      of(({ storedFeedback, feedback }) => storedFeedback / feedback),
      6,
    ),
  ];
  for (const [title, period] of [
    ['at rest', 'atRest'],
    ['while more is taken in', 'meanwhile'],
  ] as const)
    for (const quantile of ['p50', 'p95'] as const) {
      lines.push('', `${title}, ${quantile}, ms`);
      for (const [index, { name, isCommon }] of first.queries.entries())
        lines.push(
          line(
            `${isCommon ? String(index + 1).padStart(2) : ' +'} ${name}`,
            of(({ queries }) => queries[index]?.[period][quantile] ?? Number.NaN),
          ),
        );
    }
  return lines.join('\n');
}
