// Drift detection on real streams: answers of two dated releases of a model, resampled. Prints how many answers after the switch a
// change is found (median, by signal and by any signal), where it is placed, and how often an unchanged stream raises a false alarm.
// Usage: node bench/drift.ts [--streams N]
import { existsSync, readFileSync } from 'node:fs';
import { DriftScan } from '../src/monitoring/drift/drift-scan.ts';
import { driftFeatures, type Feature } from '../src/monitoring/drift/signals.ts';
import { seededUniform } from '../src/statistics/seeded.ts';
import { isRefusal } from '../src/text/refusal.ts';

const DATA = new URL('../../shared/data/drift-sensitive.jsonl', import.meta.url);
const PAIRS = [
  ['gpt-4-0314', 'gpt-4-0613'],
  ['gpt-3.5-turbo-0301', 'gpt-3.5-turbo-0613'],
] as const;
const BEFORE = [50, 100, 200, 500];
const AFTER = 150;
const UNCHANGED_LENGTH = 1000;

export interface DriftDelays {
  readonly pair: string;
  readonly before: number;
  /** Median number of answers after the switch until found; null when more than half were never found. */
  readonly median: Readonly<Record<string, number | null>>;
  readonly medianPlacementError: number;
}

export interface FalseAlarms {
  readonly model: string;
  /** Share of unchanged streams of 1,000 answers with an alarm, by signal and `any`. */
  readonly share: Readonly<Record<string, number>>;
}

function answersByModel(): Map<string, string[]> {
  const by = new Map<string, string[]>();
  for (const line of readFileSync(DATA, 'utf8').trim().split('\n')) {
    const row = JSON.parse(line) as { model: string; answer: string };
    by.set(row.model, [...(by.get(row.model) ?? []), row.answer]);
  }
  return by;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

const features: readonly Feature[] = driftFeatures(memoised(isRefusal)).map((feature) => ({
  ...feature,
  read: memoisedRead(feature.read),
}));

function memoised<T>(read: (answer: string) => T): (answer: string) => T {
  const known = new Map<string, T>();
  return (answer) => {
    const value = known.get(answer) ?? read(answer);
    known.set(answer, value);
    return value;
  };
}
function memoisedRead(read: Feature['read']): Feature['read'] {
  const known = new Map<string, number | undefined>();
  return (observation) => {
    const answer = observation.answer;
    if (answer === undefined) return read(observation);
    if (!known.has(answer)) known.set(answer, read(observation));
    return known.get(answer);
  };
}

function delays(
  pair: readonly [string, string],
  before: number,
  streams: number,
  by: Map<string, string[]>,
): DriftDelays {
  const uniform = seededUniform(before * 31 + pair[0].length);
  const draw = (model: string): string => {
    const pool = by.get(model) as string[];
    return pool[Math.floor(uniform() * pool.length)] as string;
  };
  const found: Record<string, number[]> = {};
  const errors: number[] = [];
  for (let stream = 0; stream < streams; stream += 1) {
    const scan = new DriftScan(features);
    for (let index = 0; index < before + AFTER; index += 1)
      scan.add({ answer: draw(index < before ? pair[0] : pair[1]) });
    let any = Number.POSITIVE_INFINITY;
    for (const verdict of scan.verdicts()) {
      const delay = verdict.detectedAt === null ? Number.POSITIVE_INFINITY : verdict.detectedAt + 1 - before;
      (found[verdict.signal] ??= []).push(delay);
      if (delay < any) any = delay;
      if (verdict.signal === 'length' && verdict.changedAt !== null)
        errors.push(Math.abs(verdict.changedAt - before));
    }
    (found['any'] ??= []).push(any);
  }
  const medians = Object.entries(found).map(([signal, list]) => {
    const middle = median(list);
    return [signal, Number.isFinite(middle) ? middle : null] as const;
  });
  return {
    pair: pair.join(' → '),
    before,
    median: Object.fromEntries(medians),
    medianPlacementError: median(errors),
  };
}

function falseAlarms(model: string, streams: number, by: Map<string, string[]>): FalseAlarms {
  const uniform = seededUniform(model.length * 97 + 5);
  const pool = by.get(model) as string[];
  const alarms: Record<string, number> = { any: 0 };
  for (let stream = 0; stream < streams; stream += 1) {
    const scan = new DriftScan(features);
    for (let index = 0; index < UNCHANGED_LENGTH; index += 1) {
      scan.add({ answer: pool[Math.floor(uniform() * pool.length)] as string });
    }
    let any = false;
    for (const { signal, changedAt } of scan.verdicts()) {
      alarms[signal] = (alarms[signal] ?? 0) + (changedAt === null ? 0 : 1);
      any ||= changedAt !== null;
    }
    if (any) alarms['any'] = (alarms['any'] as number) + 1;
  }
  return {
    model,
    share: Object.fromEntries(Object.entries(alarms).map(([signal, count]) => [signal, count / streams])),
  };
}

/** All figures; `streams` resampled streams a row. */
export function measureDrift(streams: number): { delays: DriftDelays[]; falseAlarms: FalseAlarms[] } {
  const by = answersByModel();
  return {
    delays: PAIRS.flatMap((pair) => BEFORE.map((before) => delays(pair, before, streams, by))),
    falseAlarms: [...by.keys()].map((model) => falseAlarms(model, streams, by)),
  };
}

if (import.meta.main) {
  if (!existsSync(DATA)) {
    console.log('bench/drift: the data set of dated answers is not here; nothing measured.');
  } else {
    const streams = Number(process.argv[process.argv.indexOf('--streams') + 1] || 200) || 200;
    const figures = measureDrift(streams);
    console.table(
      figures.delays.map(({ pair, before, median: medians, medianPlacementError }) => ({
        pair,
        before,
        ...medians,
        placement: medianPlacementError,
      })),
    );
    console.table(figures.falseAlarms.map(({ model, share }) => ({ model, ...share })));
  }
}
