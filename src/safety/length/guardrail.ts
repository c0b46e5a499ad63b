// Whether a text is within bounds of length.
import { z } from 'zod';
import { defineGuardrail, wholeText } from '../guardrail.ts';

const bound = z.number().int().nonnegative().optional();

export const guardrail = defineGuardrail({
  name: 'length',
  placement: 'inline',
  directions: ['input', 'output'],
  needsWholeText: true,
  defaultAction: 'flag',
  configuration: z.strictObject({
    minimum_characters: bound,
    maximum_characters: bound,
    minimum_words: bound,
    maximum_words: bound,
  }),
  worksUnconfigured: false,
  examples: [
    { text: 'one two three', configuration: { maximum_words: 2 }, finds: ['too_long'] },
    { text: 'one', configuration: { minimum_characters: 10 }, finds: ['too_short'] },
    { text: 'one two', configuration: { maximum_words: 2, maximum_characters: 10 }, finds: [] },
  ],
  create(bounds) {
    return {
      scan({ text }) {
        const words = countWords(text);
        const isLong =
          text.length > (bounds.maximum_characters ?? Infinity) || words > (bounds.maximum_words ?? Infinity);
        const isShort = text.length < (bounds.minimum_characters ?? 0) || words < (bounds.minimum_words ?? 0);
        if (!isLong && !isShort) return { findings: [] };
        return { findings: [wholeText(isLong ? 'too_long' : 'too_short', text === '' ? ' ' : text, 1)] };
      },
    };
  },
});

/** Without a list of them: a long text has too many. */
function countWords(text: string): number {
  const word = /\S+/g;
  let words = 0;
  while (word.test(text)) words += 1;
  return words;
}
