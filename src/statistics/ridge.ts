// Ridge regression on a few indicator columns, by the normal equations. Source: Hoerl & Kennard, "Ridge regression", 1970.

/** A row whose columns are 0 or 1: the indices of its ones. */
export type IndicatorRow = readonly number[];

/**
 * Coefficients that minimise Σ w(y − Xβ)² + Σ penalties·β² for rows of zeros and ones; one coefficient a penalty. Columns of equal penalty that
 * say the same share an effect evenly: what can't be told apart is not given to one of them.
 */
export function ridge(
  rows: readonly IndicatorRow[],
  outcomes: readonly number[],
  weights: ArrayLike<number>,
  penalties: readonly number[],
): Float64Array {
  const gram = penalties.map(() => new Float64Array(penalties.length));
  const right = new Float64Array(penalties.length);
  for (const [index, row] of rows.entries()) {
    const weight = weights[index] as number;
    if (weight === 0) continue;
    for (const a of row) {
      right[a] = (right[a] as number) + weight * (outcomes[index] as number);
      const line = gram[a] as Float64Array;
      for (const b of row) line[b] = (line[b] as number) + weight;
    }
  }
  for (const [column, penalty] of penalties.entries()) {
    const line = gram[column] as Float64Array;
    line[column] = (line[column] as number) + penalty;
  }
  return solveCholesky(gram, right);
}

/** Solves A·x = b for a symmetric positive definite A given by its lower triangle; A is overwritten by its factor. */
function solveCholesky(lower: Float64Array[], right: Float64Array): Float64Array {
  const width = right.length;
  const at = (row: number, column: number): number => (lower[row] as Float64Array)[column] as number;
  for (let row = 0; row < width; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = at(row, column);
      for (let inner = 0; inner < column; inner += 1) sum -= at(row, inner) * at(column, inner);
      (lower[row] as Float64Array)[column] =
        row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / at(column, column);
    }
  }
  const solution = Float64Array.from(right);
  for (let row = 0; row < width; row += 1) {
    let sum = solution[row] as number;
    for (let column = 0; column < row; column += 1) sum -= at(row, column) * (solution[column] as number);
    solution[row] = sum / at(row, row);
  }
  for (let row = width - 1; row >= 0; row -= 1) {
    let sum = solution[row] as number;
    for (let below = row + 1; below < width; below += 1) sum -= at(below, row) * (solution[below] as number);
    solution[row] = sum / at(row, row);
  }
  return solution;
}
