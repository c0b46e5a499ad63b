// Whether what an answer cites is there: numbered references ([2]) within the numbered sources of the context, and quoted passages that
// stand in it word for word.
import { z } from 'zod';
import { defineGuardrail, matched, type RawFinding } from '../guardrail.ts';

const REFERENCE = /\[(\d{1,3})\]/g;
const QUOTE = /["“]([^"“”]{20,400})["”]/g;
const SOURCE = /(?:^|\n)[ \t]{0,8}\[?(\d{1,3})[\].):]/g;

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

export const guardrail = defineGuardrail({
  name: 'citations',
  placement: 'inline',
  directions: ['output'],
  needsWholeText: true,
  defaultAction: 'flag',
  configuration: z.strictObject({}),
  worksUnconfigured: true,
  examples: [
    {
      text: 'It opened in 1889 [1] and closed in 1900 [7].',
      context: '[1] It opened in 1889.\n[2] It was painted red.',
      finds: ['unknown_citation'],
    },
    { text: 'It opened in 1889 [1].', context: '[1] It opened in 1889.', finds: [] },
    {
      text: 'They say "the tower was sold twice to a dealer in scrap".',
      context: 'The tower is tall.',
      finds: ['unsupported_quote'],
    },
  ],
  create() {
    return {
      scan({ text, context }) {
        if (context === undefined || context === '') return { findings: [] };
        const findings: RawFinding[] = [];
        const sources = new Set([...context.matchAll(SOURCE)].map((match) => Number(match[1])));
        for (const match of text.matchAll(REFERENCE))
          if (sources.size > 0 && !sources.has(Number(match[1])))
            findings.push(matched('unknown_citation', match, 0.9));
        const known = plain(context);
        for (const match of text.matchAll(QUOTE))
          if (!known.includes(plain(match[1] as string)))
            findings.push(matched('unsupported_quote', match, 0.8));
        return { findings };
      },
    };
  },
});
