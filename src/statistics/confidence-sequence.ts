// Intervals and p-values that hold at every look, for means of unbounded values by the normal approximation.

/**
 * Half-width at step n of the asymptotic confidence sequence of a mean with standard deviation `deviation`. `tightAt` is the n at which
 * it is about tightest. Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, "Time-uniform central limit theory and asymptotic
 * confidence sequences", 2024 (arXiv:2103.06476), Theorem 2.2 and §B.2 for ρ.
 */
export function sequenceHalfWidth(n: number, deviation: number, alpha = 0.05, tightAt = 500): number {
  const rho2 = tuning(tightAt, alpha);
  const nRho = n * rho2 + 1;
  return deviation * Math.sqrt(((2 * nRho) / (n * n * rho2)) * Math.log(Math.sqrt(nRho) / alpha));
}

function tuning(tightAt: number, alpha: number): number {
  const logs = -2 * Math.log(alpha);
  return (logs + Math.log(logs) + 1) / tightAt;
}

/**
 * Mixture likelihood ratio of "the mean is `effect` off 0" against 0, for n values with mean `average` and variance `spread`: an e-value,
 * so reject at α once it reaches 1/α, at any n. Effects are mixed by a normal distribution of variance `mixing`. Source: Robbins, 1970;
 * Johari, Koomen, Pekelis & Walsh, "Always valid inference", 2017 (arXiv:1512.04922), eq. 8.
 */
export function mixtureRatio(n: number, average: number, spread: number, mixing: number): number {
  if (n === 0 || !(spread > 0)) return 1;
  const total = spread + n * mixing;
  const exponent = (n * n * mixing * average * average) / (2 * spread * total);
  return Math.sqrt(spread / total) * Math.exp(Math.min(exponent, 600));
}

/** The always-valid p-value of a run of e-values: 1 over the largest so far. */
export function alwaysValidP(largest: number): number {
  return Math.min(1, 1 / largest);
}
