// Did the shares of some categories move between two samples? Likelihood-ratio (G) test, within strata.
import jstat from 'jstat';

/** Counts of each level on either side, by stratum. */
export type MixTable = ReadonlyMap<string, ReadonlyMap<string, readonly [number, number]>>;

/** Builds the table from two samples. */
export function mixTable<T>(
  before: readonly T[],
  after: readonly T[],
  stratum: (one: T) => string,
  level: (one: T) => string,
): MixTable {
  const table = new Map<string, Map<string, [number, number]>>();
  for (const [side, sample] of [before, after].entries()) {
    for (const one of sample) {
      const levels = table.get(stratum(one)) ?? new Map<string, [number, number]>();
      table.set(stratum(one), levels);
      const counts = levels.get(level(one)) ?? [0, 0];
      counts[side as 0 | 1] += 1;
      levels.set(level(one), counts);
    }
  }
  return table;
}

/**
 * p-value of "the shares are the same on both sides within every stratum": G = 2 Σ O ln(O / E), χ² with the degrees of freedom of the
 * strata that were seen on both sides, with Williams' correction (Sokal & Rohlf, "Biometry", 1995, §17.4). 1 where nothing can be compared.
 */
export function mixShiftPValue(table: MixTable): number {
  let statistic = 0;
  let freedom = 0;
  for (const levels of table.values()) {
    const rows = pooled([...levels.values()]);
    const before = rows.reduce((sum, [count]) => sum + count, 0);
    const after = rows.reduce((sum, [, count]) => sum + count, 0);
    if (before === 0 || after === 0 || rows.length < 2) continue;
    const total = before + after;
    let g = 0;
    let inverseRows = 0;
    for (const [b, a] of rows) {
      if (b > 0) g += b * Math.log((b * total) / ((b + a) * before));
      if (a > 0) g += a * Math.log((a * total) / ((b + a) * after));
      inverseRows += 1 / (b + a);
    }
    const correction =
      1 +
      ((total * (1 / before + 1 / after) - 1) * (total * inverseRows - 1)) / (6 * total * (rows.length - 1));
    statistic += (2 * g) / correction;
    freedom += rows.length - 1;
  }
  return freedom === 0 ? 1 : 1 - jstat.chisquare.cdf(statistic, freedom);
}

const LEAST_EXPECTED = 5;

/** Levels too rare for the approximation are counted as one. */
function pooled(rows: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const kept = rows.filter(([before, after]) => before + after >= 2 * LEAST_EXPECTED);
  const rare = rows.filter(([before, after]) => before + after < 2 * LEAST_EXPECTED);
  const rest = rare.reduce<[number, number]>(
    (sum, [before, after]) => [sum[0] + before, sum[1] + after],
    [0, 0],
  );
  return rest[0] + rest[1] === 0 ? kept : [...kept, rest];
}
