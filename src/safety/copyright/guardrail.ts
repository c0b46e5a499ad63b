// Long verbatim overlap with texts the user registers: runs of the same words, found by hashed shingles of eight words.
import { z } from 'zod';
import { defineGuardrail, type RawFinding } from '../guardrail.ts';
import { hashText, mix } from '../learning/hashing.ts';

const SHINGLE = 8;
const WORD = /[\p{L}\p{N}]+/gu;

/** Words as columns of numbers: a long text has too many for an object each. */
interface Words {
  readonly hashes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

function wordsOf(text: string): Words {
  const [hashes, starts, ends]: [number[], number[], number[]] = [[], [], []];
  for (const match of text.matchAll(WORD)) {
    hashes.push(hashText(match[0].toLowerCase()));
    starts.push(match.index);
    ends.push(match.index + match[0].length);
  }
  return { hashes, starts, ends };
}

function shingle(hashes: readonly number[], from: number): number {
  let hash = 0;
  for (let index = from; index < from + SHINGLE; index += 1) hash = mix(hash, hashes[index] as number);
  return hash;
}

export const guardrail = defineGuardrail({
  name: 'copyright',
  placement: 'inline',
  directions: ['output'],
  defaultAction: 'block',
  configuration: z.strictObject({
    /** The protected texts, whole. */
    texts: z.array(z.string().max(2_000_000)).max(1000).default([]),
    /** Words in a row that are too many. */
    words: z.number().int().min(SHINGLE).max(1000).default(25),
  }),
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
      const { hashes } = wordsOf(text);
      for (let from = 0; from + SHINGLE <= hashes.length; from += 1) known.add(shingle(hashes, from));
    }
    return {
      scan({ text }) {
        const { hashes, starts, ends } = wordsOf(text);
        const findings: RawFinding[] = [];
        let runStart = -1;
        for (let from = 0; from + SHINGLE <= hashes.length + 1; from += 1) {
          const isKnown = from + SHINGLE <= hashes.length && known.has(shingle(hashes, from));
          if (isKnown && runStart < 0) runStart = from;
          if (isKnown || runStart < 0) continue;
          const last = from + SHINGLE - 2;
          if (last - runStart + 1 >= tooMany)
            findings.push({
              type: 'verbatim',
              start: starts[runStart] as number,
              end: ends[last] as number,
              score: 1,
            });
          runStart = -1;
        }
        return { findings };
      },
    };
  },
});
