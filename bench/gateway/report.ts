// From measurements to a table, ratios and verdicts. Rounds are joined by their median; a ratio is taken within each round first, since the
// machine may be another from one round to the next.
import type { LoadResult } from './load-generator.ts';
import type { Load } from './wire.ts';

export interface Measurement extends LoadResult {
  readonly target: string;
  readonly load: Load;
  /** Requests a second asked for; 0: as fast as possible. */
  readonly rate: number;
  readonly cpuMicroseconds: number;
  readonly memory: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

type Join = (values: readonly number[]) => number;
type Figure = 'perSecond' | 'cpuMicroseconds' | 'p50' | 'p99' | 'memory' | 'failures';

class Results {
  readonly #all: readonly Measurement[];
  readonly #join: Join;
  constructor(all: readonly Measurement[], join: Join) {
    this.#all = all;
    this.#join = join;
  }
  of(target: string, load: Load, rate: number, figure: Figure): number {
    const some = this.#all.filter((one) => one.target === target && one.load === load && one.rate === rate);
    const noAnswer = some.every((one) => one.requests === 0);
    return some.length === 0 || (noAnswer && figure !== 'failures')
      ? Number.NaN
      : this.#join(some.map((one) => one[figure]));
  }
  /** How many times as much one has of a figure as another, as fast as both could. */
  ratio(target: string, other: string, load: Load, figure: Figure): number {
    const of = (name: string): Measurement[] =>
      this.#all.filter((one) => one.target === name && one.load === load && one.rate === 0);
    const others = of(other);
    const rounds = of(target).flatMap((one, round) => {
      const beside = others[round];
      return beside === undefined || one.requests === 0 || beside.requests === 0
        ? []
        : [one[figure] / beside[figure]];
    });
    return rounds.length === 0 ? Number.NaN : this.#join(rounds);
  }
  rows(): { target: string; load: Load; rate: number }[] {
    const seen = new Map(this.#all.map((one) => [`${one.rate} ${one.load} ${one.target}`, one]));
    return [...seen.values()];
  }
  /** The most under the loads that have a bound. */
  memory(target: string): number {
    const some = this.#all.filter((one) => one.target === target && one.load !== 'json-20k');
    return some.length === 0 ? Number.NaN : Math.max(...some.map((one) => one.memory));
  }
}

function table(results: Results): string {
  const lines = [
    'load        rate   target                          req/s      CPU/req µs   p50 ms   p99 ms   failures',
  ];
  for (const { target, load, rate } of results.rows()) {
    const figure = (name: Figure, digits: number, width: number): string =>
      results.of(target, load, rate, name).toFixed(digits).padStart(width);
    lines.push(
      `${load.padEnd(12)}${(rate === 0 ? 'max' : String(rate)).padEnd(7)}${target.padEnd(30)}${figure('perSecond', 0, 8)}${figure('cpuMicroseconds', 1, 14)}${figure('p50', 2, 10)}${figure('p99', 2, 9)}${figure('failures', 0, 9)}`,
    );
  }
  return lines.join('\n');
}

/** A figure beside what it must reach; NaN where one of the two could not be measured. */
export interface Check {
  readonly what: string;
  readonly value: number;
  readonly bound: number;
  readonly atLeast: boolean;
}

/** Targets that are another with more (or, at a hit, less) to do: the least of the other's speed that they must keep. */
const BESIDE: Readonly<
  Record<string, { readonly what: string; readonly other: string; readonly bound: number }>
> = {
  'binnacle limits': { what: 'no keys, limits and budgets', other: 'binnacle process', bound: 0.9 },
  'binnacle cache miss': { what: 'no cache, key or limit', other: 'binnacle process', bound: 0.8 },
  'binnacle cache hit': { what: 'no cache, key or limit', other: 'binnacle process', bound: 1 },
  'binnacle guarded': { what: 'no guardrails', other: 'binnacle process', bound: 0.7 },
  'binnacle all on': { what: 'guardrails alone', other: 'binnacle guarded', bound: 0.9 },
};

function ratios(results: Results, ours: string): Check[] {
  // Where something else runs on the machine, or the load generator is the limit, processor time is the fairer figure of the two.
  const both = (what: string, load: Load, other: string, bound: number): Check[] => [
    {
      what: `${ours}: ${what}, requests a second`,
      value: results.ratio(ours, other, load, 'perSecond'),
      bound,
      atLeast: true,
    },
    {
      what: `${ours}: ${what}, processor time`,
      value: results.ratio(other, ours, load, 'cpuMicroseconds'),
      bound,
      atLeast: true,
    },
  ];
  const memory = { what: `${ours}: memory MB`, value: results.memory(ours), bound: 250, atLeast: false };
  const beside = BESIDE[ours];
  if (beside !== undefined)
    return [
      ...both(`JSON against ${beside.what}`, 'json-1.5k', beside.other, beside.bound),
      ...both(`streams against ${beside.what}`, 'stream-40', beside.other, beside.bound),
      // Answers kept in memory are what a cache is for; it has a bound of its own.
      ...(ours.includes('cache') ? [] : [memory]),
    ];
  return [
    ...both('JSON against bare', 'json-1.5k', 'bare undici', 0.35),
    ...both('JSON against Portkey', 'json-1.5k', 'Portkey', 8),
    ...both('streams against bare', 'stream-40', 'bare undici', 0.5),
    memory,
  ];
}

function latencies(results: Results, suffix: string): Check[] {
  const added = (target: string, rate: number): number =>
    results.of(target, 'json-1.5k', rate, 'p99') - results.of('direct', 'json-1.5k', rate, 'p99');
  return [200, 1000].flatMap((rate) => [
    {
      what: `binnacle durable${suffix}: added p99 at ${rate}/s, ms`,
      value: added(`binnacle durable${suffix}`, rate),
      bound: 5,
      atLeast: false,
    },
    {
      what: `binnacle process${suffix}: added p99 at ${rate}/s, ms (bare + 1)`,
      value: added(`binnacle process${suffix}`, rate),
      bound: added('bare undici', rate) + 1,
      atLeast: false,
    },
  ]);
}

/** The whole report; what could not be measured is said and decides nothing. */
export function report(
  all: readonly Measurement[],
  join: Join,
): { readonly text: string; readonly holds: boolean; readonly checks: readonly Check[] } {
  const results = new Results(all, join);
  const whole = ' with console';
  const suffix = results.rows().some(({ target }) => target.endsWith(whole)) ? whole : '';
  const checks = [
    ...ratios(results, `binnacle durable${suffix}`),
    ...ratios(results, `binnacle process${suffix}`),
    ...(suffix === '' ? Object.keys(BESIDE).flatMap((name) => ratios(results, name)) : []),
    ...latencies(results, suffix),
  ];
  let holds = true;
  const lines = checks.map((check) => {
    if (Number.isNaN(check.value) || Number.isNaN(check.bound)) return `  not measured   ${check.what}`;
    const good = check.atLeast ? check.value >= check.bound : check.value <= check.bound;
    holds &&= good;
    const sign = check.atLeast ? '≥' : '≤';
    return `  ${good ? 'holds ' : 'MISSED'}  ${check.what}: ${check.value.toFixed(2)} (${sign} ${check.bound.toFixed(2)})`;
  });
  return { text: `${table(results)}\n\n${lines.join('\n')}`, holds, checks };
}
