// Profanity, by obscenity's English set (which leaves Scunthorpe alone), also spelt out letter by letter.
import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';
import { z } from 'zod';
import { defineGuardrail, matched, type RawFinding } from '../guardrail.ts';

/** Letters with one mark or space between each: `f u c k`, `s.h.i.t`. */
const SPELT_OUT = /(?<![\p{L}\p{N}])\p{L}(?:[ .*_-]\p{L}){2,20}(?![\p{L}\p{N}])/gu;
/** The matcher is some microseconds a character: longer texts are looked at in pieces. */
const PIECE = 2000;

export const guardrail = defineGuardrail({
  name: 'profanity',
  placement: 'worker',
  directions: ['input', 'output'],
  defaultAction: 'flag',
  configuration: z.strictObject({
    /** Words let through, lower case. */
    allow: z.array(z.string().min(1).max(100)).max(1000).default([]),
  }),
  worksUnconfigured: true,
  examples: [
    { text: 'This is fucking great.', finds: ['profanity'] },
    { text: 'what the f u c k', finds: ['profanity'] },
    { text: 'Scunthorpe has a nice class for assassins.', finds: [] },
    { text: 'oh shit', configuration: { allow: ['shit'] }, finds: [] },
  ],
  create({ allow }) {
    const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
    const allowed = new Set(allow);
    const matches = (text: string, offset: number): RawFinding[] =>
      matcher.getAllMatches(text).map(({ startIndex, endIndex }) => ({
        type: 'profanity',
        start: offset + startIndex,
        end: offset + endIndex + 1,
        score: 0.95,
      }));
    return {
      scan({ text }) {
        const findings: RawFinding[] = [];
        for (let start = 0; start < text.length; start += PIECE)
          findings.push(...matches(text.slice(start, start + PIECE + 50), start));
        for (const spelt of text.matchAll(SPELT_OUT))
          if (matcher.hasMatch(spelt[0].replace(/[ .*_-]/g, '')))
            findings.push(matched('profanity', spelt, 0.8));
        const kept = findings.filter(({ start, end }) => !allowed.has(text.slice(start, end).toLowerCase()));
        return { findings: kept };
      },
    };
  },
});
