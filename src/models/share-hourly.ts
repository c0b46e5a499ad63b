// The hourly price of a self-hosted model shared out over the requests it served.
import type { Usd } from '../kernel/money.ts';

/**
 * Shares of `total` in proportion to busy time (any whole unit, milliseconds say), in order. They add up to `total` to the last unit:
 * remainders go, one unit each, to the largest fractions, the earlier first (Hamilton's method). When nothing was busy, an idle hour is
 * nobody's: all shares are 0 and the caller books `total` as idle.
 */
export function shareByBusyTime(total: Usd, busy: readonly number[]): Usd[] {
  const weights = busy.map((time) => BigInt(Math.max(0, Math.round(Number.isFinite(time) ? time : 0))));
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (sum === 0n) return weights.map(() => 0n);
  const shares = weights.map((weight) => (total * weight) / sum);
  const byFraction = weights
    .map((weight, index) => ({ index, fraction: (total * weight) % sum }))
    .sort((a, b) => Number(b.fraction > a.fraction) - Number(b.fraction < a.fraction) || a.index - b.index);
  let left = total - shares.reduce((a, b) => a + b, 0n);
  for (const { index } of byFraction) {
    if (left <= 0n) break;
    shares[index] = (shares[index] as Usd) + 1n;
    left -= 1n;
  }
  return shares;
}
