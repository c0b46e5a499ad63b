// Did a number move between two samples, whatever its distribution? Mann–Whitney within strata, strata combined.
import jstat from 'jstat';

/**
 * Two-sided p-value of "no stratum's values moved": the standardised Mann–Whitney statistics of the strata, weighted by the square root of
 * their size (Stouffer's method), ties corrected. Source: van Elteren, "On the combination of independent two-sample tests of
 * Wilcoxon", 1960. 1 where no stratum has at least five values on both sides.
 */
export function rankShiftPValue(
  strata: Iterable<{ readonly before: readonly number[]; readonly after: readonly number[] }>,
): number {
  let sum = 0;
  let weights = 0;
  for (const { before, after } of strata) {
    if (before.length < 5 || after.length < 5) continue;
    const z = standardisedMannWhitney(before, after);
    const weight = Math.sqrt(before.length + after.length);
    sum += weight * z;
    weights += weight * weight;
  }
  if (weights === 0) return 1;
  return 2 * (1 - jstat.normal.cdf(Math.abs(sum) / Math.sqrt(weights), 0, 1));
}

/** (U − E U) / sd U with the tie correction; positive when `after` is larger; 0 when all values are equal. */
function standardisedMannWhitney(before: readonly number[], after: readonly number[]): number {
  const all = [...before.map((value) => ({ value, late: 0 })), ...after.map((value) => ({ value, late: 1 }))];
  all.sort((a, b) => a.value - b.value);
  let rankSum = 0;
  let ties = 0;
  for (let start = 0; start < all.length;) {
    let end = start;
    let late = 0;
    while (end < all.length && all[end]?.value === all[start]?.value) late += all[end++]?.late ?? 0;
    rankSum += late * ((start + 1 + end) / 2);
    ties += (end - start) ** 3 - (end - start);
    start = end;
  }
  const [n, m] = [before.length, after.length];
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance <= 0 ? 0 : (rankSum - (m * (total + 1)) / 2) / Math.sqrt(variance);
}
