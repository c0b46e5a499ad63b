// "Did you mean": the closest known name to a wrong one, by Damerau-Levenshtein distance (optimal string alignment).

function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(
        (previous[j] as number) + 1,
        (current[j - 1] as number) + 1,
        (previous[j - 1] as number) + cost,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] as number) + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] as number;
}

/** The known name nearest to `wrong`, or undefined when none is close (more than a third of its letters differ). */
export function nearestName(wrong: string, known: Iterable<string>): string | undefined {
  const asked = wrong.slice(0, 100).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(asked.length / 3)) + 1;
  for (const name of known) {
    const gap = distance(asked, name.slice(0, 100).toLowerCase());
    if (gap < bestDistance) {
      best = name;
      bestDistance = gap;
    }
  }
  return best;
}

/** ` Did you mean "x"?`, or an empty string when nothing is near. */
export function didYouMean(wrong: string, known: Iterable<string>): string {
  const name = nearestName(wrong, known);
  return name === undefined ? '' : ` Did you mean "${name}"?`;
}
