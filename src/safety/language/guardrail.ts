// Whether a text is in one of the languages asked for. Short texts can't be told and pass.
import { detectAll } from 'tinyld';
import { z } from 'zod';
import { defineGuardrail, wholeText } from '../guardrail.ts';

/** Fewer letters than this say nothing of a language. */
const FEWEST_LETTERS = 24;
const LOOKED_AT = 2000;

export const guardrail = defineGuardrail({
  name: 'language',
  placement: 'worker',
  directions: ['input', 'output'],
  needsWholeText: true,
  defaultAction: 'flag',
  configuration: z.strictObject({
    /** ISO 639-1 codes. */
    allowed: z.array(z.string().regex(/^[a-z]{2,3}$/)).min(1),
  }),
  worksUnconfigured: false,
  examples: [
    {
      text: 'Ich möchte gerne wissen, wann der nächste Zug nach Hamburg fährt.',
      configuration: { allowed: ['en'] },
      finds: ['language'],
    },
    {
      text: 'I would like to know when the next train leaves for Hamburg.',
      configuration: { allowed: ['en'] },
      finds: [],
    },
  ],
  create({ allowed }) {
    return {
      scan({ text }) {
        const piece = text.slice(0, LOOKED_AT);
        if ((piece.match(/\p{L}/gu)?.length ?? 0) < FEWEST_LETTERS) return { findings: [] };
        const [best, second] = detectAll(piece);
        if (best === undefined || allowed.includes(best.lang)) return { findings: [] };
        const isClose =
          second !== undefined && allowed.includes(second.lang) && best.accuracy - second.accuracy < 0.1;
        return { findings: isClose ? [] : [wholeText('language', text, Math.max(0.5, best.accuracy))] };
      },
    };
  },
});
