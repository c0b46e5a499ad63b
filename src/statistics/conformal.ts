// Online conformal p-values: how unusual is each value among all before it? If the values are exchangeable (nothing changed), the
// p-values are independent and uniform on [0, 1], whatever the distribution: Vovk, Gammerman & Shafer, "Algorithmic Learning in a
// Random World", 2005, §8. So whatever is bet against uniformity is calibrated once, for every stream.

/** A source of uniform numbers in [0, 1); hand in a seeded one where a verdict must be repeatable. */
export type Uniform = () => number;

/** Smoothed ranks of a growing sequence; ties are broken at random, so that the p-value is exactly uniform. */
export class ConformalRanks {
  readonly #sorted: number[] = [];
  readonly #uniform: Uniform;

  constructor(uniform: Uniform) {
    this.#uniform = uniform;
  }

  /** The p-value of the next value: near 0 when it is smaller than most before it, near 1 when larger. */
  next(value: number): number {
    const below = lowerBound(this.#sorted, value);
    let above = below;
    while (this.#sorted[above] === value) above += 1;
    this.#sorted.splice(above, 0, value);
    return (below + this.#uniform() * (above - below + 1)) / this.#sorted.length;
  }
}

/** Index of the first element not below `value`, in an ascending array. */
function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
