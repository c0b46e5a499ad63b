// Durations as people write them in files: `500ms`, `15m`, `1h`, `30d`. One spelling, whole numbers, no months (they have no length).

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Ten years: longer is a slip of the pen. */
const LONGEST = 3653 * 86_400_000;

/** Milliseconds of a duration such as `15m` or `1h30m`; undefined for anything else, for zero and for more than ten years. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d{1,9}(ms|[smhdw]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhdw])/g)) {
    total += Number(count) * (MILLISECONDS[unit as string] as number);
  }
  return total > 0 && total <= LONGEST ? total : undefined;
}
