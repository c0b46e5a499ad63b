// Sequential inference that may be looked at after every value: betting on bounded means. An e-value is wealth won by betting against a
// hypothesis; if the hypothesis holds it exceeds 1/α at any time with probability at most α (Ville, 1939).

/**
 * Wealth of a bettor against "the mean of values in [0, 1] is `mean0`", given every value before. Hedged: half the stake bets on a
 * larger mean, half on a smaller one; stakes by the predictable plug-in rule. Source: Waudby-Smith & Ramdas, "Estimating means of bounded
 * random variables by betting", 2024 (arXiv:2010.09686), §4.1 (hedged capital, predictable plug-in of §3.2, c = 1/2).
 */
export class MeanBet {
  readonly #mean0: number;
  readonly #log: (alphaBet: number, step: number) => number;
  #count = 0;
  #sum = 0.5;
  #squares = 0.25;
  #logUp = 0;
  #logDown = 0;

  constructor(mean0: number, alpha = 0.05) {
    this.#mean0 = mean0;
    const target = 2 * Math.log(2 / alpha);
    this.#log = (deviation, step) => Math.sqrt(target / (deviation * step * Math.log(1 + step)));
  }

  /** Takes the next value, in [0, 1], and returns the wealth: reject at level α once it has reached 1/α. */
  next(value: number): number {
    this.#count += 1;
    const spread = this.#squares / this.#count;
    const stake = this.#log(Math.max(spread, 1e-6), this.#count);
    const up = Math.min(stake, this.#mean0 > 0 ? 0.5 / this.#mean0 : stake);
    const down = Math.min(stake, this.#mean0 < 1 ? 0.5 / (1 - this.#mean0) : stake);
    this.#logUp += Math.log1p(up * (value - this.#mean0));
    this.#logDown += Math.log1p(-down * (value - this.#mean0));
    this.#sum += value;
    const centre = this.#sum / (this.#count + 1);
    this.#squares += (value - centre) ** 2;
    return this.wealth;
  }

  get wealth(): number {
    return 0.5 * Math.exp(Math.min(this.#logUp, 600)) + 0.5 * Math.exp(Math.min(this.#logDown, 600));
  }
}

/**
 * Confidence sequence of the mean of values in [0, 1]: at every step the means not yet rejected, intersected over time. Covers at all
 * steps at once with probability `level`. `grid` means are tried: precision 1/grid, cost O(grid) a value.
 */
export class BoundedMeanSequence {
  readonly #bets: { readonly mean: number; readonly bet: MeanBet; alive: boolean }[];
  readonly #limit: number;

  constructor(level = 0.95, grid = 200) {
    const alpha = 1 - level;
    this.#limit = 1 / alpha;
    this.#bets = Array.from({ length: grid + 1 }, (_, index) => ({
      mean: index / grid,
      bet: new MeanBet(index / grid, alpha),
      alive: true,
    }));
  }

  /** Takes the next value and returns the interval so far (widened to the grid). */
  next(value: number): { low: number; high: number } {
    for (const each of this.#bets) if (each.alive && each.bet.next(value) >= this.#limit) each.alive = false;
    return this.interval;
  }

  get interval(): { low: number; high: number } {
    const step = 1 / (this.#bets.length - 1);
    const alive = this.#bets.filter((each) => each.alive);
    if (alive.length === 0) return { low: 0, high: 1 };
    return {
      low: Math.max(0, (alive[0] as { mean: number }).mean - step),
      high: Math.min(1, (alive.at(-1) as { mean: number }).mean + step),
    };
  }
}
