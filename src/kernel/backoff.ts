// How long to wait before the next try of something that failed: twice as long each time, up to a bound.

export interface Backoff {
  /** After the first failure, milliseconds. */
  readonly first: number;
  /** Never longer, milliseconds. */
  readonly longest: number;
}

/** Milliseconds to wait after so many failures in a row (1 or more). Who shares the other side with many others adds jitter. */
export function pauseAfter(failures: number, { first, longest }: Backoff): number {
  return Math.min(longest, first * 2 ** (failures - 1));
}
