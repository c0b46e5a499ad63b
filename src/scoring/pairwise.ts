// Verdicts of judges that compare two answers. Models favour a position, so each pair is judged in both orders and a verdict counts only
// where both agree (Zheng et al., "Judging LLM-as-a-judge with MT-bench and Chatbot Arena", 2023, §3.4); a jury decides by majority
// (Verga et al., "Replacing judges with juries", 2024).

/** Who won, by the answers' own names, whatever order they were shown in. `null`: the judge gave no verdict. */
export type Verdict = 'first' | 'second' | 'tie' | null;
export type PairwiseOutcome = 'first' | 'second' | 'tie' | 'abstain';

/** `swapped` is the verdict with the answers shown the other way round, already translated back. Disagreement or no verdict: abstain. */
export function swapAndAbstain(straight: Verdict, swapped: Verdict): PairwiseOutcome {
  return straight !== null && straight === swapped ? straight : 'abstain';
}

/** Turns a verdict given on swapped answers back. */
export function unswap(verdict: Verdict): Verdict {
  if (verdict === 'first') return 'second';
  return verdict === 'second' ? 'first' : verdict;
}

/** The outcome more than half of the votes cast agree on; abstentions cast none; no such outcome: abstain. */
export function juryVerdict(outcomes: readonly PairwiseOutcome[]): PairwiseOutcome {
  const cast = outcomes.filter((outcome) => outcome !== 'abstain');
  const winner = cast.find((outcome) => cast.filter((other) => other === outcome).length * 2 > cast.length);
  return winner ?? 'abstain';
}

/** Median of a jury's ratings; null unless more than half of the jury gave one. */
export function juryRating(ratings: readonly (number | null)[]): number | null {
  const given = ratings.filter((rating) => rating !== null).sort((a, b) => a - b);
  if (given.length * 2 <= ratings.length) return null;
  const middle = Math.floor(given.length / 2);
  const upper = given[middle] as number;
  return given.length % 2 === 1 ? upper : ((given[middle - 1] as number) + upper) / 2;
}
