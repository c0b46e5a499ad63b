// In which order the deployments of one model are tried. Pure: what is known comes in, the order goes out.

export interface Candidate {
  readonly weight: number;
  /** Milliseconds to the first byte to reckon with; null before the first answer. */
  readonly latencyMs: number | null;
  readonly inFlight: number;
}

/** Indices in the order to try. `uniform` draws from [0, 1). */
export function orderDeployments(
  candidates: readonly Candidate[],
  balance: 'weighted' | 'least-latency',
  uniform: () => number,
): number[] {
  if (candidates.length === 1) return [0];
  return balance === 'weighted' ? weightedOrder(candidates, uniform) : leastLatencyOrder(candidates, uniform);
}

/** A draw without replacement, each step in proportion to weight: sort by log(u)/w (Efraimidis & Spirakis, 2006). */
function weightedOrder(candidates: readonly Candidate[], uniform: () => number): number[] {
  return candidates
    .map(({ weight }, index) => ({
      index,
      key: weight <= 0 ? Number.NEGATIVE_INFINITY : Math.log(1 - uniform()) / weight,
    }))
    .sort((a, b) => b.key - a.key)
    .map(({ index }) => index);
}

/** Expected wait = latency × (calls in flight + 1); deployments never tried come first, ties at random. */
function leastLatencyOrder(candidates: readonly Candidate[], uniform: () => number): number[] {
  return candidates
    .map(({ latencyMs, inFlight }, index) => ({
      index,
      wait: (latencyMs ?? 0) * (inFlight + 1),
      tie: uniform(),
    }))
    .sort((a, b) => a.wait - b.wait || a.tie - b.tie)
    .map(({ index }) => index);
}
