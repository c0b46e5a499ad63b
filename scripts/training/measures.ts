// How good scores are: area under the curve, recall at a rate of false alarms, F1, balanced accuracy.

export interface Scored {
  readonly score: number;
  readonly label: boolean;
}

/** Area under the ROC curve (ties count half). */
export function areaUnderCurve(rows: readonly Scored[]): number {
  const sorted = [...rows].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  let positives = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (end < sorted.length && sorted[end]?.score === sorted[start]?.score) end += 1;
    const rank = (start + 1 + end) / 2;
    for (; start < end; start += 1)
      if (sorted[start]?.label === true) {
        rankSum += rank;
        positives += 1;
      }
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (rows.length - positives));
}

/** The recall at the lowest threshold that raises at most `rate` false alarms, and that threshold. */
export function recallAtFalseAlarms(
  rows: readonly Scored[],
  rate: number,
): { recall: number; threshold: number } {
  const negatives = rows
    .filter((row) => !row.label)
    .map((row) => row.score)
    .sort((a, b) => b - a);
  const threshold = negatives[Math.floor(rate * negatives.length)] ?? 1;
  const positives = rows.filter((row) => row.label);
  return { recall: positives.filter((row) => row.score > threshold).length / positives.length, threshold };
}

export function rates(
  rows: readonly Scored[],
  threshold: number,
): { precision: number; recall: number; f1: number; balanced: number } {
  let [tp, fp, tn, fn] = [0, 0, 0, 0];
  for (const { score, label } of rows) {
    if (score >= threshold && label) tp += 1;
    else if (score >= threshold) fp += 1;
    else if (label) fn += 1;
    else tn += 1;
  }
  const precision = tp / (tp + fp || 1);
  const recall = tp / (tp + fn || 1);
  return {
    precision,
    recall,
    f1: (2 * precision * recall) / (precision + recall || 1),
    balanced: (recall + tn / (tn + fp || 1)) / 2,
  };
}
