// Which of the things that were recorded moved at the change point, each tested within what decides it.
import { mixShiftPValue, mixTable } from '../../statistics/mix-shift.ts';
import { rankShiftPValue } from '../../statistics/rank-shift.ts';
import {
  FACTORS,
  TRAFFIC_DIMENSIONS,
  type CauseObservation,
  type Factor,
  type TrafficDimension,
} from './cause-observation.ts';

/** A factor's p-value must be below this to count as moved. Nine tests: about one false movement in 1,000 unchanged windows. */
const MOVED = 0.0001;

export interface Moved {
  /** The dimension of traffic that moved most, null where none did. */
  readonly traffic: TrafficDimension | null;
  readonly factors: readonly Factor[];
  readonly providerLatency: boolean;
  readonly providerErrors: boolean;
}

type Sample = readonly CauseObservation[];

/** What else decides how long a provider takes: shares of these must not pass for a slower provider. */
const providerStrata = TRAFFIC_DIMENSIONS.map(
  (dimension) => (one: CauseObservation) =>
    [one.provider, one.model, one.modelVersion, one.promptVersion, one.variant, one.traffic[dimension]].join(
      '\u0000',
    ),
);

/** Tests traffic, each factor, and the provider. */
export function findMoved(before: Sample, after: Sample): Moved {
  return {
    traffic: movedTraffic(before, after),
    factors: FACTORS.filter((factor) => {
      const pValues = factor.given.map((stratum) =>
        mixShiftPValue(mixTable(before, after, stratum, factor.level)),
      );
      return Math.max(...pValues) < MOVED;
    }),
    providerLatency: latencyMoved(before, after),
    providerErrors: providerStrata.every(
      (stratum) =>
        mixShiftPValue(mixTable(before, after, stratum, (one) => String(one.providerFailed))) < MOVED,
    ),
  };
}

function movedTraffic(before: Sample, after: Sample): TrafficDimension | null {
  let best: TrafficDimension | null = null;
  let smallest = MOVED / TRAFFIC_DIMENSIONS.length;
  for (const dimension of TRAFFIC_DIMENSIONS) {
    const pValue = mixShiftPValue(
      mixTable(
        before,
        after,
        () => '',
        (one) => one.traffic[dimension],
      ),
    );
    if (pValue < smallest) {
      smallest = pValue;
      best = dimension;
    }
  }
  return best;
}

function latencyMoved(before: Sample, after: Sample): boolean {
  return providerStrata.every((stratum) => {
    const strata = new Map<string, { before: number[]; after: number[] }>();
    for (const [side, sample] of [['before', before] as const, ['after', after] as const]) {
      for (const one of sample) {
        if (one.providerLatencyMs === null) continue;
        const values = strata.get(stratum(one)) ?? { before: [], after: [] };
        strata.set(stratum(one), values);
        values[side].push(one.providerLatencyMs);
      }
    }
    return rankShiftPValue(strata.values()) < MOVED;
  });
}
