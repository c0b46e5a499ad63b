// How closely what a request may take is weighed. What is small beside a limit is held by an upper bound: to count it would cost a request more
// than all its limits, and would change nothing as long as there is room. Where there is none for the bound, it is counted after all. Until they
// settle, requests in flight hold too much by their bounds, and others may be refused for it: it takes hundreds at once to fill a limit so.

/**
 * `estimated`: cheaply, for figures that nothing goes by. `bounded`: texts by the most they can be, known at once. `counted`: by the tokenizer, for
 * what decides.
 */
export type Weighing = 'estimated' | 'bounded' | 'counted';

/** What is small beside a limit goes into it at least so often. */
const SMALL_GOES_INTO = 1000;

/** The most that is small beside a limit, in its unit. */
export function smallPartOf(limit: number): number;
export function smallPartOf(limit: bigint): bigint;
export function smallPartOf(limit: number | bigint): number | bigint {
  return typeof limit === 'bigint' ? limit / BigInt(SMALL_GOES_INTO) : limit / SMALL_GOES_INTO;
}
