// The scorer `citations`: do the sources that an answer cites exist, and do its sentences cite any? Sources are marked in the context as
// `[1] …`, `[name] …`; precision is the share of citations whose source exists and shares words with the citing sentence, recall the
// share of sentences with such a citation, the score their harmonic mean.
import { contextOf, percent, singleOutput } from './scorer-input.ts';
import type { Scorer } from './scorer.ts';

const MARK = /\[([\w.:#/-]{1,60}(?:\s*[,;]\s*[\w.:#/-]{1,60})*)\]/g;
/** A citing sentence shares at least this part of its longer words with its source. */
const SHARED = 0.3;
/** The rest of a longer output is not looked at. */
const MOST_CHARACTERS = 100_000;

export const citationsScorer: Scorer = {
  name: 'citations',
  score(input) {
    const sources = sourcesOf(contextOf(input));
    const sentences = sentencesOf(singleOutput(input).slice(0, MOST_CHARACTERS));
    let cited = 0;
    let right = 0;
    let covered = 0;
    for (const sentence of sentences) {
      const names = namesIn(sentence);
      const good = names.filter((name) => supports(sources.get(name), sentence));
      cited += names.length;
      right += good.length;
      if (good.length > 0) covered += 1;
    }
    const precision = cited === 0 ? 0 : right / cited;
    const recall = sentences.length === 0 ? 0 : covered / sentences.length;
    const score = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    const reason =
      cited === 0
        ? 'nothing is cited'
        : `${right} of ${cited} citations hold, ${percent(recall)} of sentences cite a source`;
    return { score, reason, precision, recall };
  },
};

/** Name → text of each marked source. */
function sourcesOf(context: string): Map<string, string> {
  const marks = [...context.matchAll(MARK)];
  return new Map(
    marks.map((mark, index) => [
      (mark[1] as string).toLowerCase(),
      context.slice(mark.index + mark[0].length, marks[index + 1]?.index ?? context.length),
    ]),
  );
}

/** Sentences; a mark after the full stop belongs to the sentence before it. */
function sentencesOf(written: string): string[] {
  const text = written.replaceAll(/[^\S\n]+/g, ' ');
  return text
    .split(/(?<=[.!?](?:\s*\[[^\]]{1,80}\])*)\s+(?!\[)|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => wordsOf(sentence).length > 0);
}

function namesIn(sentence: string): string[] {
  return [...sentence.matchAll(MARK)].flatMap((mark) =>
    (mark[1] as string).split(/[,;]/).map((name) => name.trim().toLowerCase()),
  );
}

function supports(source: string | undefined, sentence: string): boolean {
  if (source === undefined) return false;
  const known = new Set(wordsOf(source));
  const words = wordsOf(sentence);
  return words.length === 0 || words.filter((word) => known.has(word)).length >= SHARED * words.length;
}

function wordsOf(text: string): string[] {
  return (
    text
      .replaceAll(MARK, ' ')
      .toLowerCase()
      .match(/[\p{L}\p{N}]{4,}|\p{N}+/gu) ?? []
  );
}
