// What a company does not want said: words of a deny list, code names, canary phrases planted in documents.
import { z } from 'zod';
import { defineGuardrail, type RawFinding } from '../guardrail.ts';
import { LiteralMatcher } from './literals.ts';

const phrases = z.array(z.string().min(2).max(500)).max(20_000).default([]);
const WORD = /[\p{L}\p{N}_]/u;

/** Lower case of the same length, so that places stay. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from({ length: text.length }, (_, index) => {
    const character = (text[index] as string).toLowerCase();
    return character.length === 1 ? character : (text[index] as string);
  }).join('');
}

export const guardrail = defineGuardrail({
  name: 'company-secrets',
  placement: 'inline',
  directions: ['input', 'output'],
  defaultAction: 'block',
  configuration: z.strictObject({ deny: phrases, code_names: phrases, canaries: phrases }),
  worksUnconfigured: false,
  examples: [
    {
      text: 'Project BLUEBIRD ships in May.',
      configuration: { code_names: ['bluebird'] },
      finds: ['code_name'],
    },
    { text: 'Two bluebirds sat there.', configuration: { code_names: ['bluebird'] }, finds: [] },
    { text: 'the phrase xq-canary-17!', configuration: { canaries: ['xq-canary-17'] }, finds: ['canary'] },
  ],
  create({ deny, code_names: codeNames, canaries }) {
    const all = [
      ...deny.map((phrase) => ({ type: 'denied_phrase', phrase })),
      ...codeNames.map((phrase) => ({ type: 'code_name', phrase })),
      ...canaries.map((phrase) => ({ type: 'canary', phrase })),
    ];
    const matcher = new LiteralMatcher(all.map(({ phrase }) => folded(phrase)));
    const isWhole = (text: string, start: number, end: number): boolean =>
      !(WORD.test(text[start - 1] ?? ' ') && WORD.test(text[start] as string)) &&
      !(WORD.test(text[end] ?? ' ') && WORD.test(text[end - 1] as string));
    return {
      scan({ text }) {
        const findings: RawFinding[] = [];
        for (const { phrase, start, end } of matcher.find(folded(text)))
          if (isWhole(text, start, end))
            findings.push({ type: (all[phrase] as { type: string }).type, start, end, score: 1 });
        return { findings };
      },
    };
  },
});
