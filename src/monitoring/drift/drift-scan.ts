// Drift of one stream, found while it runs: each feature's values become conformal p-values, bets against their uniformity gather evidence,
// and the first time it passes the threshold the feature has changed. What is said after n observations rests on those n alone.
import { changePoint } from '../../statistics/change-point.ts';
import { ChangeDetector, threshold } from '../../statistics/change-detector.ts';
import { ConformalRanks, type Uniform } from '../../statistics/conformal.ts';
import { seededUniform } from '../../statistics/seeded.ts';
import type { Feature, Observation, SignalName } from './signals.ts';

/** Probability of any false alarm, over all signals together, per 1,000 observations of an unchanged stream. */
const FALSE_ALARMS_PER_THOUSAND = 0.045;
/** How many values before a suspected change, and after the alarm, place it. */
const WINDOW = 500;
const MARGIN = 2;

/** What a signal did: `changedAt` counts observations from 0, null where nothing changed; means on either side. */
export interface SignalDrift {
  readonly signal: SignalName;
  readonly changedAt: number | null;
  /** Mean of the feature before the change; over everything where nothing changed; null where it was never read. */
  readonly before: number | null;
  readonly after: number | null;
  /** The feature that changed: `code-fence`, `sentiment`, … */
  readonly feature: string;
  /** Observation at which the evidence sufficed. */
  readonly detectedAt: number | null;
}

class FeatureWatch {
  readonly feature: Feature;
  readonly #threshold: number;
  readonly #ranks: ConformalRanks;
  readonly #detector = new ChangeDetector();
  readonly #values: number[] = [];
  readonly #positions: number[] = [];
  /** Counts values of this feature, not observations. */
  #alarm: { readonly at: number; readonly start: number } | undefined;

  constructor(feature: Feature, falseAlarms: number, uniform: Uniform) {
    this.feature = feature;
    this.#threshold = threshold(falseAlarms);
    this.#ranks = new ConformalRanks(uniform);
  }

  add(value: number, position: number): void {
    this.#values.push(value);
    this.#positions.push(position);
    if (this.#alarm !== undefined) return;
    if (this.#detector.next(this.#ranks.next(value)) < this.#threshold) return;
    this.#alarm = { at: this.#values.length - 1, start: this.#detector.changeStart() };
  }

  get alarmAt(): number {
    return this.#alarm?.at ?? Number.POSITIVE_INFINITY;
  }

  verdict(): SignalDrift {
    const { signal, name } = this.feature;
    const values = this.#values;
    if (this.#alarm === undefined) {
      const before = values.length === 0 ? null : mean(values, 0, values.length);
      return { signal, changedAt: null, before, after: null, feature: name, detectedAt: null };
    }
    const { at, start } = this.#alarm;
    const first = Math.max(0, start - WINDOW);
    const window = values.slice(first, at + 1 + WINDOW);
    const split = first + changePoint(window, MARGIN, 0, at - first);
    return {
      signal,
      changedAt: this.#positions[split] as number,
      before: mean(values, 0, split),
      after: mean(values, split, values.length),
      feature: name,
      detectedAt: this.#positions[at] as number,
    };
  }
}

/** FNV-1a over the text's UTF-16 units, going on from `hash`. */
function hashed(hash: number, text: string): number {
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}

function mean(values: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index += 1) sum += values[index] as number;
  return sum / (to - from);
}

/** Watches one stream. Feed observations in order; ask for the verdict at any time. */
export class DriftScan {
  readonly #features: readonly Feature[];
  readonly #watches: FeatureWatch[] = [];
  /**
   * Ties are broken at random, seeded by the salt and all that came so far: the same stream always gets the same verdict, and different
   * streams do not share their luck (one seed for all gives all streams of rare events a false alarm at the same place).
   */
  #hash: number;
  #count = 0;

  /** `salt`: the stream's name, so that streams of alike content break ties apart. */
  constructor(features: readonly Feature[], salt = '') {
    this.#features = features;
    this.#hash = hashed(0x811c9dc5, salt);
  }

  add(observation: Observation): void {
    if (this.#count === 0) this.#begin(observation);
    const { answer, value, kind } = observation;
    this.#hash = hashed(this.#hash, `${answer ?? ''}\u0000${value ?? ''}\u0000`);
    if (kind !== undefined) this.#hash = hashed(this.#hash, `${kind}\u0000`);
    for (const watch of this.#watches) {
      const read = watch.feature.read(observation);
      if (read !== undefined && Number.isFinite(read)) watch.add(read, this.#count);
    }
    this.#count += 1;
  }

  /** The first observation decides between which features the allowed false alarms are shared out. */
  #begin(first: Observation): void {
    const both = first.answer !== undefined && first.value !== undefined;
    for (const [index, feature] of this.#features.entries()) {
      const share = both ? feature.alarmShare / 2 : feature.alarmShare;
      const uniform = (): number => seededUniform(this.#hash + 7_919 * (index + 1))();
      this.#watches.push(new FeatureWatch(feature, FALSE_ALARMS_PER_THOUSAND * share, uniform));
    }
  }

  /** One verdict a signal that was read at least once; of several features of a signal, the one that changed first. */
  verdicts(): readonly SignalDrift[] {
    const first = new Map<SignalName, FeatureWatch>();
    for (const watch of this.#watches) {
      const other = first.get(watch.feature.signal);
      if (other === undefined || watch.alarmAt < other.alarmAt) first.set(watch.feature.signal, watch);
    }
    return [...first.values()].map((watch) => watch.verdict()).filter((verdict) => verdict.before !== null);
  }
}
