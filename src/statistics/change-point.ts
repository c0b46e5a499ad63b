// Where a sequence split in two: the split that sets its two sides furthest apart in rank.

/**
 * Index (from 0) of the first value after the change: maximises |U − E U| / sd U over splits, U being the Mann–Whitney statistic of the two
 * sides with ties halved. Source: Pettitt, "A non-parametric approach to the change-point problem", 1979, standardised per split.
 * Splits leave at least `margin` values on each side and lie in [from, to].
 */
export function changePoint(values: readonly number[], margin: number, from: number, to: number): number {
  const count = values.length;
  const ranks = midRanks(values);
  let rankSum = 0;
  let best = Math.max(from, margin);
  let bestDistance = -1;
  for (let split = 1; split < count; split += 1) {
    rankSum += ranks[split - 1] as number;
    if (split < Math.max(from, margin) || split > Math.min(to, count - margin)) continue;
    const expected = (split * (count + 1)) / 2;
    const deviation = Math.sqrt((split * (count - split) * (count + 1)) / 12);
    const distance = Math.abs(rankSum - expected) / deviation;
    if (distance > bestDistance) {
      best = split;
      bestDistance = distance;
    }
  }
  return best;
}

/** Ranks from 1; equal values share the mean of their ranks. */
function midRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = Array.from<number>({ length: values.length });
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end += 1;
    for (let index = start; index < end; index += 1) ranks[order[index] as number] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
