// Agreement beyond chance: Cohen's κ (plain and weighted) for two raters, Krippendorff's α for any number with gaps.

export type KappaWeights = 'none' | 'linear' | 'quadratic';

/**
 * Cohen's κ of two raters over the same items. Sources: Cohen, "A coefficient of agreement for nominal scales", 1960; Cohen, "Weighted
 * kappa", 1968. Categories of weighted κ are the sorted distinct values. Null for no items, or when both use one and the same category
 * throughout (chance agreement is 1 then and κ is 0/0).
 */
export function cohensKappa(
  a: readonly number[],
  b: readonly number[],
  weights: KappaWeights = 'none',
): number | null {
  const categories = [...new Set([...a, ...b])].sort((x, y) => x - y);
  const index = new Map(categories.map((value, position) => [value, position]));
  const count = categories.length;
  if (a.length === 0 || count < 2) return null;
  const marginA = new Float64Array(count);
  const marginB = new Float64Array(count);
  let observed = 0;
  const distance = (i: number, j: number): number =>
    weights === 'none' ? Number(i !== j) : (Math.abs(i - j) / (count - 1)) ** (weights === 'linear' ? 1 : 2);
  for (let item = 0; item < a.length; item += 1) {
    const i = index.get(a[item] as number) as number;
    const j = index.get(b[item] as number) as number;
    marginA[i] = (marginA[i] as number) + 1;
    marginB[j] = (marginB[j] as number) + 1;
    observed += distance(i, j);
  }
  let expected = 0;
  for (let i = 0; i < count; i += 1)
    for (let j = 0; j < count; j += 1)
      expected += ((marginA[i] as number) * (marginB[j] as number) * distance(i, j)) / a.length;
  return expected === 0 ? null : 1 - observed / expected;
}

export type AlphaLevel = 'nominal' | 'ordinal' | 'interval';

/**
 * Krippendorff's α: `units[i]` holds the ratings item i received, by whichever raters, in any order; items with fewer than two ratings do
 * not count. Source: Krippendorff, "Computing Krippendorff's alpha-reliability", 2011 (coincidence matrix; metrics §E). Null without two
 * comparable ratings or when all ratings are one value.
 */
export function krippendorffAlpha(
  units: readonly (readonly number[])[],
  level: AlphaLevel = 'nominal',
): number | null {
  const pairable = units.filter((unit) => unit.length >= 2);
  const values = [...new Set(pairable.flat())].sort((x, y) => x - y);
  if (values.length < 2) return null;
  const index = new Map(values.map((value, position) => [value, position]));
  const size = values.length;
  const coincidences = new Float64Array(size * size);
  for (const unit of pairable)
    for (let first = 0; first < unit.length; first += 1)
      for (let second = 0; second < unit.length; second += 1)
        if (first !== second) {
          const cell =
            (index.get(unit[first] as number) as number) * size +
            (index.get(unit[second] as number) as number);
          coincidences[cell] = (coincidences[cell] as number) + 1 / (unit.length - 1);
        }
  const margins = values.map((_, row) => {
    let total = 0;
    for (let column = 0; column < size; column += 1) total += coincidences[row * size + column] as number;
    return total;
  });
  const n = margins.reduce((total, margin) => total + margin, 0);
  let observed = 0;
  let expected = 0;
  for (let c = 0; c < size; c += 1)
    for (let k = 0; k < size; k += 1) {
      const apart = squaredDistance(values, margins, c, k, level);
      observed += (coincidences[c * size + k] as number) * apart;
      expected += (margins[c] as number) * (margins[k] as number) * apart;
    }
  return expected === 0 ? null : 1 - ((n - 1) * observed) / expected;
}

function squaredDistance(
  values: readonly number[],
  margins: readonly number[],
  c: number,
  k: number,
  level: AlphaLevel,
): number {
  if (c === k) return 0;
  if (level === 'nominal') return 1;
  if (level === 'interval') return ((values[c] as number) - (values[k] as number)) ** 2;
  const [low, high] = c < k ? [c, k] : [k, c];
  let between = 0;
  for (let g = low; g <= high; g += 1) between += margins[g] as number;
  return (between - ((margins[c] as number) + (margins[k] as number)) / 2) ** 2;
}
