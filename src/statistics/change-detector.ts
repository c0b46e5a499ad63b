// Sequential detection of a change in a stream of p-values that are uniform while nothing changes. A mixture of bets against
// uniformity, each restarted at every step (Shiryaev–Roberts): R ← (1 + R)·f(p). Source: Shin, Ramdas & Rinaldo, "E-detectors: a
// nonparametric framework for sequential change detection", 2023 (arXiv:2203.03532), §2; bets on conformal p-values after Volkhonskiy
// et al., "Inductive conformal martingales for change-point detection", 2017 (arXiv:1706.03415).

/** A density on [0, 1] that is a constant on each piece: mean 1, so that betting with it gains nothing while p is uniform. */
interface Bet {
  readonly inside: (p: number) => boolean;
  readonly gain: number;
  readonly loss: number;
}

function bet(share: number, stake: number, inside: (p: number) => boolean): Bet {
  return { inside, gain: 1 - stake + stake / share, loss: 1 - stake };
}

/** Values gather at the low end, the high end, both ends (more spread) or the middle (less spread); boldly or cautiously. */
const BETS: readonly Bet[] = [0.02, 0.06, 0.15, 0.35].flatMap((share) =>
  [0.3, 0.8].flatMap((stake) => [
    bet(share, stake, (p) => p < share),
    bet(share, stake, (p) => p > 1 - share),
  ]),
);
const SPREAD_BETS: readonly Bet[] = [0.1, 0.3].flatMap((share) => [
  bet(share, 0.4, (p) => p < share / 2 || p > 1 - share / 2),
  bet(1 - share, 0.6, (p) => p >= share / 2 && p <= 1 - share / 2),
]);
const ALL_BETS: readonly Bet[] = [...BETS, ...SPREAD_BETS];

/**
 * Accumulated evidence that p-values stopped being uniform, as the mean over bets of their Shiryaev–Roberts statistics. While nothing
 * changes, its expectation after n steps is n; thresholds for a given false-alarm rate per 1,000 steps are in `threshold`.
 */
export class ChangeDetector {
  readonly #evidence = new Float64Array(ALL_BETS.length);
  readonly #runStart = new Int32Array(ALL_BETS.length);
  readonly #runGain = new Float64Array(ALL_BETS.length);
  #step = 0;

  /** Takes the next p-value and returns the evidence. */
  next(p: number): number {
    let total = 0;
    for (let index = 0; index < ALL_BETS.length; index += 1) {
      const { inside, gain, loss } = ALL_BETS[index] as Bet;
      const factor = inside(p) ? gain : loss;
      const evidence = Math.min(1e200, (1 + (this.#evidence[index] as number)) * factor);
      this.#evidence[index] = evidence;
      total += evidence;
      this.#followRun(index, Math.log(factor));
    }
    this.#step += 1;
    return total / ALL_BETS.length;
  }

  /** CUSUM of the bet's log-gain: where its latest winning run began. */
  #followRun(index: number, logGain: number): void {
    const gain = this.#runGain[index] as number;
    if (gain <= 0) {
      this.#runStart[index] = this.#step;
      this.#runGain[index] = logGain;
    } else {
      this.#runGain[index] = gain + logGain;
    }
  }

  /** Step (from 0) at which the winning run of the strongest bet began: a first estimate of the change point. */
  changeStart(): number {
    let best = 0;
    for (let index = 1; index < ALL_BETS.length; index += 1) {
      if ((this.#evidence[index] as number) > (this.#evidence[best] as number)) best = index;
    }
    return this.#runStart[best] as number;
  }
}

/**
 * Evidence that is passed within 1,000 steps without a change with probability `falseAlarms`. By Ville's inequality for e-detectors
 * 1000 / falseAlarms is enough; the law of the statistic is the same for every stream, so the factor in front was found by simulation
 * (the test repeats it).
 */
export function threshold(falseAlarms: number): number {
  return (SIMULATED_FACTOR * 1000) / falseAlarms;
}

const SIMULATED_FACTOR = 0.6;
