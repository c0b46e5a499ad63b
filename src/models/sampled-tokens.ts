// Tokens of texts of any length in bounded time: short slices spread evenly over all of it are counted by the tokenizer, and what lies between
// them is taken to be like them, with a margin for how much they differ. High rather than low; cheap text at the head hides nothing.
import { countTokensQuickly, type Vocabulary } from './tokens.ts';

/** Units (UTF-16) of a slice: short, because byte-pair merging is quadratic in an unbroken run. */
const SLICE = 128;
/** Slices counted at most: with the worst text found (ideographs without spaces) 2,560 units take some 5 ms. */
const SLICES = 20;
/** Units that are counted at most, whatever the length. */
export const SAMPLED_UNITS = SLICE * SLICES;
/** How many standard errors of the slices' mean are added. */
const MARGIN = 2;

/** A slice that cuts no surrogate pair. */
function sliceAt(text: string, from: number): string {
  const isPair = (at: number): boolean => at > 0 && at < text.length && isLowSurrogate(text.charCodeAt(at));
  const start = isPair(from) ? from - 1 : from;
  const end = Math.min(text.length, from + SLICE);
  return text.slice(start, isPair(end) ? end - 1 : end);
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Slices of the texts, read as one: one from the middle of each of as many equal stretches. */
function slicesOf(texts: readonly string[], units: number): string[] {
  const slices: string[] = [];
  const stretch = units / SLICES;
  let before = 0;
  for (const text of texts) {
    while (slices.length < SLICES) {
      const from = Math.floor((slices.length + 0.5) * stretch - SLICE / 2) - before;
      if (from >= text.length) break;
      slices.push(sliceAt(text, Math.max(0, from)));
    }
    before += text.length;
  }
  return slices;
}

/** Tokens of all texts together. */
export function sampledTokens(texts: readonly string[], vocabulary: Vocabulary): number {
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  if (units <= SAMPLED_UNITS)
    return texts.reduce((sum, text) => sum + countTokensQuickly(text, vocabulary), 0);
  const slices = slicesOf(texts, units);
  const counts = slices.map((slice) => countTokensQuickly(slice, vocabulary));
  const counted = slices.reduce((sum, slice) => sum + slice.length, 0);
  const tokens = counts.reduce((sum, count) => sum + count, 0);
  const rate = tokens / counted;
  // Of each slice what it has beyond the mean for its length: how far apart the stretches of the text are.
  const squares = slices.reduce(
    (sum, slice, index) => sum + ((counts[index] ?? 0) - rate * slice.length) ** 2,
    0,
  );
  const error = Math.sqrt((squares * slices.length) / Math.max(1, slices.length - 1)) / counted;
  return Math.ceil(units * (rate + MARGIN * error));
}
