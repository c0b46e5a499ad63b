// Drift of a stream that never ends, in bounded memory: two scans overlap, the younger takes over when the older is full, so that there is
// always a past to compare with. After a change the stream begins anew with what came since.
import { DriftScan } from './drift-scan.ts';
import type { Feature, Observation, SignalName } from './signals.ts';

/** A change found; times are those given with the observations. */
export interface FoundDrift {
  readonly signal: SignalName;
  readonly feature: string;
  readonly changedAt: number;
  readonly detectedAt: number;
  readonly before: number;
  readonly after: number;
}

/** Observations a scan takes; the younger one is half as long behind. */
const FULL = 4_000;

class TimedScan {
  readonly scan: DriftScan;
  readonly times: number[] = [];
  constructor(features: readonly Feature[], salt: string) {
    this.scan = new DriftScan(features, salt);
  }
  add(observation: Observation, at: number): void {
    this.scan.add(observation);
    this.times.push(at);
  }
}

export class DriftStream {
  readonly #features: readonly Feature[];
  #older: TimedScan;
  #younger: TimedScan | null = null;

  readonly #salt: string;
  #scans = 0;

  /** `salt`: what tells this stream from others; see DriftScan. */
  constructor(features: readonly Feature[], salt: string) {
    this.#features = features;
    this.#salt = salt;
    this.#older = this.#newScan();
  }

  #newScan(): TimedScan {
    this.#scans += 1;
    return new TimedScan(this.#features, `${this.#salt} ${this.#scans}`);
  }

  /** Observations the verdict rests on. */
  get length(): number {
    return this.#older.times.length;
  }

  /** Takes the next observation; times must not fall. */
  add(observation: Observation, at: number): void {
    this.#older.add(observation, at);
    if (this.#older.times.length === FULL / 2) this.#younger = this.#newScan();
    else this.#younger?.add(observation, at);
    if (this.#older.times.length < FULL || this.#younger === null) return;
    this.#older = this.#younger;
    this.#younger = this.#newScan();
  }

  /** What has changed; where anything has, the stream is to be begun anew by its owner. */
  changes(): FoundDrift[] {
    const { scan, times } = this.#older;
    return scan
      .verdicts()
      .flatMap(({ signal, feature, changedAt, detectedAt, before, after }): FoundDrift[] => {
        if (changedAt === null || detectedAt === null || before === null || after === null) return [];
        return [
          {
            signal,
            feature,
            before,
            after,
            changedAt: times[changedAt] as number,
            detectedAt: times[detectedAt] as number,
          },
        ];
      });
  }
}
