// Why a metric moved: the change is split into what each moved factor explains, by its change of mix times its effect, and what remains at
// equal mix (rate). Kitagawa, "Components of a difference between two rates", 1955; with effects by regression: Oaxaca, 1973, and
// Blinder, 1973. A cause is named when it moved, its part is more than noise, and it is a fair share of the whole.
import { ridge, type IndicatorRow } from '../../statistics/ridge.ts';
import { seededUniform } from '../../statistics/seeded.ts';
import type { CauseName, CauseObservation, Factor } from './cause-observation.ts';
import { findMoved, type Moved } from './moved.ts';
import type { ProbeVerdict } from './probe-evidence.ts';

export interface Cause {
  readonly name: CauseName;
  /** Part of the change it explains, in the metric's unit. */
  readonly contribution: number;
  /** `contribution` as a share of the sum of all parts' sizes, 0..1. */
  readonly share: number;
  /** Standard error of the contribution, by bootstrap. */
  readonly standardError: number;
  /** What moved: shares of the levels before and after, the most moved first. */
  readonly evidence: readonly { readonly level: string; readonly before: number; readonly after: number }[];
}

export interface ChangeExplanation {
  readonly before: number;
  readonly after: number;
  readonly causes: readonly Cause[];
}

/** What the metric measures decides whether a slower or failing provider can be its cause. */
export type MetricKind = 'latency' | 'errors' | 'other';

type Sample = readonly CauseObservation[];

const LEAST_LEVEL = 10;
const LEAST_SHARE = 0.12;
const LEAST_DEVIATIONS = 3.5;
/** What no recorded factor explains must stand out further before it is called a change. */
const LEAST_RESIDUAL_DEVIATIONS = 5;
const RESAMPLES = 80;
const PENALTY = 1;
/** What the side alone explains is paid for dearly, so that it takes only what no moved factor can. */
const SIDE_PENALTY = 30;

/** Explains the change of the mean value between two samples; `probes`: what the same questions showed. Pure and repeatable. */
export function explainChange(
  before: Sample,
  after: Sample,
  kind: MetricKind,
  probes: ProbeVerdict = 'unclear',
): ChangeExplanation {
  const means = { before: meanOf(before), after: meanOf(after) };
  if (before.length < LEAST_LEVEL || after.length < LEAST_LEVEL) return { ...means, causes: [] };
  const moved = findMoved(before, after);
  const parts = partsOf(moved, kind);
  const design = new Design(parts, before, after, probes === 'moved' ? PENALTY : SIDE_PENALTY);
  const point = design.contributions(new Uint8Array(design.size).fill(1));
  const errors = standardErrors(design, parts.length + 1);
  const size = point.reduce((sum, part) => sum + Math.abs(part), 0);
  const causes = [...parts.map(({ name }) => name), residualName(moved, kind, probes)].flatMap(
    (name, index): Cause[] => {
      const contribution = point[index] as number;
      const standardError = errors[index] as number;
      const share = size === 0 ? 0 : Math.abs(contribution) / size;
      const part = parts[index];
      const least = part === undefined && probes !== 'moved' ? LEAST_RESIDUAL_DEVIATIONS : LEAST_DEVIATIONS;
      if (name === null || share < LEAST_SHARE || Math.abs(contribution) < least * standardError) return [];
      return [
        {
          name,
          contribution,
          share,
          standardError,
          evidence: part === undefined ? [] : evidenceOf(part, before, after),
        },
      ];
    },
  );
  return { ...means, causes: causes.sort((a, b) => b.share - a.share) };
}

interface Part {
  readonly name: CauseName;
  readonly level: (one: CauseObservation) => string;
}

function partsOf({ traffic, factors }: Moved, kind: MetricKind): Part[] {
  const mix: Part[] = traffic === null ? [] : [{ name: 'traffic_mix', level: (one) => one.traffic[traffic] }];
  const relevant = factors.filter((factor: Factor) => factor.name !== 'price' || kind === 'other');
  return [...mix, ...relevant.map(({ name, level }) => ({ name, level }))];
}

/** The name of what changed at equal mix. */
function residualName(moved: Moved, kind: MetricKind, probes: ProbeVerdict): CauseName | null {
  if (kind === 'latency') return moved.providerLatency ? 'provider_latency' : null;
  if (kind === 'errors') return moved.providerErrors ? 'provider_errors' : null;
  if (probes === 'unchanged') return null;
  if (probes === 'moved')
    return moved.factors.some(({ name }) => name === 'model_version') ? null : 'upstream_behaviour';
  // Behaviour at equal mix is told apart from a factor's own change only where no factor moved.
  return moved.factors.length === 0 ? 'upstream_behaviour' : null;
}

function meanOf(sample: Sample): number {
  return sample.reduce((sum, one) => sum + one.value, 0) / Math.max(1, sample.length);
}

function sharesOf(sample: Sample, level: Part['level']): Map<string, number> {
  const shares = new Map<string, number>();
  for (const one of sample) shares.set(level(one), (shares.get(level(one)) ?? 0) + 1 / sample.length);
  return shares;
}

function evidenceOf({ level }: Part, before: Sample, after: Sample): Cause['evidence'] {
  const [was, is] = [sharesOf(before, level), sharesOf(after, level)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((name) => ({ level: name, before: was.get(name) ?? 0, after: is.get(name) ?? 0 }))
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
    .slice(0, 5);
}

/** One column a level of each part, between an intercept and a column for the side. Built once; fitted with one weight a row. */
class Design {
  readonly #columns: readonly (readonly number[])[];
  readonly #rows: readonly IndicatorRow[];
  readonly #outcomes: readonly number[];
  readonly #penalties: readonly number[];
  readonly #early: number;

  constructor(parts: readonly Part[], before: Sample, after: Sample, besideParts: number) {
    const all = [...before, ...after];
    let next = 1;
    const levels = parts.map(({ level }) => {
      const counts = new Map<string, number>();
      for (const one of all) counts.set(level(one), (counts.get(level(one)) ?? 0) + 1);
      const kept = [...counts].filter(([, count]) => count >= LEAST_LEVEL).map(([name]) => name);
      return new Map(kept.map((name) => [name, next++]));
    });
    const side = next;
    this.#columns = levels.map((map) => [...map.values()]);
    this.#early = before.length;
    this.#outcomes = all.map((one) => one.value);
    this.#rows = all.map((one, index) => {
      const ones = parts.flatMap(({ level }, part) => levels[part]?.get(level(one)) ?? []);
      return index < before.length ? [0, ...ones] : [0, ...ones, side];
    });
    const sidePenalty = parts.length > 0 ? besideParts : 0;
    this.#penalties = Array.from({ length: side + 1 }, (_, column) =>
      column === 0 ? 0 : column === side ? sidePenalty : PENALTY,
    );
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Each part's contribution to the change, then the side's. */
  contributions(weights: ArrayLike<number>): number[] {
    const effects = ridge(this.#rows, this.#outcomes, weights, this.#penalties);
    const moved = this.#sharesMoved(weights);
    const product = (column: number): number => (effects[column] as number) * (moved[column] as number);
    const parts = this.#columns.map((columns) => columns.reduce((sum, column) => sum + product(column), 0));
    return [...parts, effects[this.#penalties.length - 1] as number];
  }

  /** Share of each column after, less its share before. */
  #sharesMoved(weights: ArrayLike<number>): Float64Array {
    const sums = [
      new Float64Array(this.#penalties.length),
      new Float64Array(this.#penalties.length),
    ] as const;
    for (const [index, row] of this.#rows.entries()) {
      const side = sums[index < this.#early ? 0 : 1];
      for (const column of row) side[column] = (side[column] as number) + (weights[index] as number);
    }
    return sums[0].map(
      (was, column) => (sums[1][column] as number) / (sums[1][0] as number) - was / (sums[0][0] as number),
    );
  }

  /** Weights of one bootstrap resample, drawn on either side apart. */
  resample(uniform: () => number): Int32Array {
    const weights = new Int32Array(this.size);
    for (let draw = 0; draw < this.size; draw += 1) {
      const [first, count] = draw < this.#early ? [0, this.#early] : [this.#early, this.size - this.#early];
      const index = first + Math.floor(uniform() * count);
      weights[index] = (weights[index] as number) + 1;
    }
    return weights;
  }
}

function standardErrors(design: Design, parts: number): number[] {
  const uniform = seededUniform(design.size * 7919);
  const sums = new Float64Array(parts);
  const squares = new Float64Array(parts);
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    for (const [index, part] of design.contributions(design.resample(uniform)).entries()) {
      sums[index] = (sums[index] as number) + part;
      squares[index] = (squares[index] as number) + part * part;
    }
  }
  return Array.from(sums, (sum, index) => {
    const mean = sum / RESAMPLES;
    return Math.sqrt(Math.max(0, (squares[index] as number) / RESAMPLES - mean * mean));
  });
}
