// What people grade an answer by, and what a grade may be.

export interface RatingDimension {
  readonly name: string;
  readonly description: string;
  /** 0 or 1 instead of 1 to 5. */
  readonly yes_no: boolean;
}

export const DEFAULT_DIMENSIONS: readonly RatingDimension[] = [
  { name: 'correctness', description: 'What it says is right.', yes_no: false },
  { name: 'completeness', description: 'Nothing the customer needs is missing.', yes_no: false },
  { name: 'clarity', description: 'It can be understood at once.', yes_no: false },
  { name: 'helpfulness', description: 'It gets the customer further.', yes_no: false },
  { name: 'safety', description: 'It does no harm and promises nothing it must not.', yes_no: true },
];

/** Null when the value fits, else what is wrong. */
export function ratingFault(
  dimensions: readonly RatingDimension[],
  dimension: string,
  value: number,
): string | null {
  const known = dimensions.find(({ name }) => name === dimension);
  if (known === undefined)
    return `there is no dimension "${dimension.slice(0, 60)}"; there are: ${dimensions.map(({ name }) => name).join(', ')}`;
  if (known.yes_no) return value === 0 || value === 1 ? null : `${dimension} is 1 (yes) or 0 (no)`;
  return Number.isInteger(value) && value >= 1 && value <= 5
    ? null
    : `${dimension} is a whole number from 1 to 5`;
}

/** A grade as 0..1. */
export function ratingShare({ yes_no }: Pick<RatingDimension, 'yes_no'>, value: number): number {
  return yes_no ? value : (value - 1) / 4;
}
