// Long verbatim overlap with texts the user registers: runs of the same words, found by hashed shingles of eight words.
import { z } from 'zod';
import { defineGuardrail, type RawFinding } from '../guardrail.ts';
import { hashText, mix } from '../learning/hashing.ts';

const SHINGLE = 8;
const WORD = /[\p{L}\p{N}]+/gu;

interface Word {
  readonly hash: number;
  readonly start: number;
  readonly end: number;
}

function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].map((match) => ({
    hash: hashText(match[0].toLowerCase()),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function shingle(words: readonly Word[], from: number): number {
  let hash = 0;
  for (let index = from; index < from + SHINGLE; index += 1) hash = mix(hash, (words[index] as Word).hash);
  return hash;
}

export const guardrail = defineGuardrail({
  name: 'copyright',
  placement: 'inline',
  directions: ['output'],
  defaultAction: 'block',
  defaultThreshold: 0.5,
  configuration: z.strictObject({
    /** The protected texts, whole. */
    texts: z.array(z.string().max(2_000_000)).max(1000).default([]),
    /** Words in a row that are too many. */
    words: z.number().int().min(SHINGLE).max(1000).default(25),
  }),
  needs: [],
  worksUnconfigured: false,
  examples: [
    {
      text: 'Sure: it was on a dreary night of november that I beheld the accomplishment of my toils, he says.',
      configuration: {
        words: 12,
        texts: ['It was on a dreary night of November that I beheld the accomplishment of my toils.'],
      },
      finds: ['verbatim'],
    },
    {
      text: 'It was on a dreary night in June.',
      configuration: { words: 12, texts: ['It was on a dreary night of November that I beheld.'] },
      finds: [],
    },
  ],
  create({ texts, words: tooMany }) {
    const known = new Set<number>();
    for (const text of texts) {
      const words = wordsOf(text);
      for (let from = 0; from + SHINGLE <= words.length; from += 1) known.add(shingle(words, from));
    }
    return {
      scan({ text }) {
        const words = wordsOf(text);
        const findings: RawFinding[] = [];
        let runStart = -1;
        for (let from = 0; from + SHINGLE <= words.length + 1; from += 1) {
          const isKnown = from + SHINGLE <= words.length && known.has(shingle(words, from));
          if (isKnown && runStart < 0) runStart = from;
          if (isKnown || runStart < 0) continue;
          const last = from + SHINGLE - 2;
          if (last - runStart + 1 >= tooMany)
            findings.push({
              type: 'verbatim',
              start: (words[runStart] as Word).start,
              end: (words[last] as Word).end,
              score: 1,
            });
          runStart = -1;
        }
        return { findings };
      },
    };
  },
});
