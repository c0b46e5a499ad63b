// Reading what a judge model wrote: `Rating: 4` and `Explanation: …`, in whatever dress models give it. A failure to rate is null, never
// a number: a judge that did not answer must not move a mean.

export interface JudgeAnswer {
  /** On the judge's own scale; null when no rating could be read. */
  readonly rating: number | null;
  readonly explanation: string;
}

export interface RatingScale {
  readonly least: number;
  readonly most: number;
}

const LABELLED =
  /(?:^|\n)[\s>*_#`"'-]*(?:final\s+|overall\s+)?(?:rating|score|grade)[\s*_`"']*(?:[:=]|is\b)[\s*_`"'[(]*(-?\d+(?:\.\d+)?)(?:\s*(?:\/|out of)\s*(\d+))?(?![\d.]*\d|\s*[-–]\s*\d)/gi;
const EXPLANATION =
  /(?:^|\n)[\s>*_#`"'-]*(?:explanation|reasoning|rationale|justification)[\s*_`"']*:[\s*_]*/i;
const MOST_CHARACTERS = 20_000;

/** Reads a rating. Two different ratings, one off the scale, or one out of another scale's end ("8/10" for 1–5) are failures. */
export function readJudgeAnswer(text: string, scale: RatingScale = { least: 1, most: 5 }): JudgeAnswer {
  const answer = text.slice(0, MOST_CHARACTERS);
  const explained = EXPLANATION.exec(answer);
  const found = [...answer.matchAll(LABELLED)];
  const explanation = (
    explained === null ? answer : answer.slice(explained.index + explained[0].length).replace(LABELLED, '')
  ).trim();
  const ratings = new Set(found.map((match) => Number(match[1])));
  const [rating] = ratings;
  const otherScale = found.some((match) => match[2] !== undefined && Number(match[2]) !== scale.most);
  const usable =
    ratings.size === 1 &&
    !otherScale &&
    rating !== undefined &&
    rating >= scale.least &&
    rating <= scale.most;
  return { rating: usable ? rating : null, explanation };
}

/** A rating as a score from 0 to 1. */
export function ratingToScore(rating: number, { least, most }: RatingScale): number {
  return (rating - least) / (most - least);
}
