// A part of the proof: some promises, measured from data or by a harness that exists, each with its figure and its threshold.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Verdict = 'holds' | 'falls short' | 'not measured';

/** One promise as measured. */
export interface Row {
  readonly promise: string;
  readonly figure: string;
  readonly threshold: string;
  readonly verdict: Verdict;
}

export interface Extent {
  /** The long version: every kill, every row, the whole soak. */
  readonly full: boolean;
}

export interface Part {
  /** As it is selected: `npm run proof -- NAME`. */
  readonly name: string;
  readonly what: string;
  /** The public data sets it needs, by file name; where one is absent, the part says so and measures nothing. */
  readonly data: readonly string[];
  /** Under five seconds in the quick version: such parts run with the test suite. */
  readonly fast: boolean;
  /** Whether a clock decides its figures (times, rates): nothing may run beside it. */
  readonly timed: boolean;
  run(extent: Extent): Promise<readonly Row[]>;
}

const DATA = new URL('../../../shared/data/', import.meta.url);

/** Where a public data set is looked for. */
export function dataPath(name: string): string {
  return fileURLToPath(new URL(name, DATA));
}

/** The data sets of a part that are not at hand. */
export function absentData(part: Part): readonly string[] {
  return part.data.filter((name) => !existsSync(dataPath(name)));
}

function shown(value: number, unit: string): string {
  const magnitude = Math.abs(value);
  if (magnitude > 0 && magnitude < 0.01) return `${value.toPrecision(2)}${unit === '' ? '' : ` ${unit}`}`;
  const digits = Number.isInteger(value) || magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 3;
  return `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}

function compared(
  promise: string,
  value: number,
  sign: string,
  bound: number,
  unit: string,
  good: boolean,
): Row {
  const measured = Number.isFinite(value);
  return {
    promise,
    figure: measured ? shown(value, unit) : 'no figure',
    threshold: `${sign} ${shown(bound, unit)}`,
    verdict: good && measured ? 'holds' : 'falls short',
  };
}

export function atLeast(promise: string, value: number, bound: number, unit = ''): Row {
  return compared(promise, value, '≥', bound, unit, value >= bound);
}

export function atMost(promise: string, value: number, bound: number, unit = ''): Row {
  return compared(promise, value, '≤', bound, unit, value <= bound);
}

export function exactly(promise: string, value: number, wanted: number, unit = ''): Row {
  return compared(promise, value, '=', wanted, unit, value === wanted);
}

export function notMeasured(promise: string, why: string): Row {
  return { promise, figure: why, threshold: '', verdict: 'not measured' };
}
