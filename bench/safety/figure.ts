// A measured figure beside what it must reach.

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
  readonly bound: string;
  readonly holds: boolean;
}

export const atLeast = (name: string, value: number, least: number): Figure => ({
  name,
  value,
  bound: `≥ ${least}`,
  holds: value >= least,
});
export const atMost = (name: string, value: number, most: number, unit = ''): Figure => ({
  name,
  value,
  unit,
  bound: `≤ ${most}`,
  holds: value <= most,
});

/** One line a figure. */
export function print(figures: readonly Figure[]): void {
  for (const { name, value, unit, bound, holds } of figures)
    console.log(
      `${name.padEnd(58)} ${value.toFixed(3).padStart(9)} ${(unit ?? '').padEnd(6)} ${bound.padEnd(8)} ${holds ? 'holds' : 'MISSED'}`,
    );
}
