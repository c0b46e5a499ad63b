// Behaviour drift on resampled streams of two dated releases: how soon it is found, how often it is imagined.
import { measureDrift } from '../../bench/drift.ts';
import { atMost, type Part } from './part.ts';

const BOUNDS: Readonly<Record<string, number>> = { 'gpt-4': 20, 'gpt-3.5-turbo': 30 };

export const drift: Part = {
  name: 'drift',
  what: 'a changed release is found from its answers alone',
  data: ['drift-sensitive.jsonl'],
  fast: false,
  timed: false,
  run: ({ full }) => {
    const figures = measureDrift(full ? 1_000 : 200);
    const found = Object.entries(BOUNDS).map(([family, bound]) => {
      const medians = figures.delays
        .filter(({ pair }) => pair.startsWith(`${family}-0`))
        .map(({ median }) => median['any'] ?? Number.POSITIVE_INFINITY);
      return atMost(
        `${family} change found, answers (median, longest of 4 histories)`,
        Math.max(...medians),
        bound,
      );
    });
    const shares = figures.falseAlarms.flatMap(({ share }) => Object.entries(share));
    const worst = (any: boolean): number =>
      Math.max(...shares.filter(([signal]) => (signal === 'any') === any).map(([, share]) => share));
    return Promise.resolve([
      ...found,
      atMost('false alarms per 1,000 unchanged answers, worst signal', worst(false), 0.05),
      atMost('false alarms per 1,000 unchanged answers, all signals together', worst(true), 0.05),
    ]);
  },
};
