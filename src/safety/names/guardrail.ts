// Persons, places and addresses, organisations, nationalities, ages and years, by a small tagger trained for it; and full dates.
import { z } from 'zod';
import { defineGuardrail, type RawFinding } from '../guardrail.ts';
import { loadNameModel } from './load.ts';
import { recogniseNames } from './recognise.ts';
import { TYPES } from './tagger.ts';

const configuration = z.strictObject({
  /** Which types to find; absent: all. */
  types: z.array(z.enum(TYPES)).optional(),
});

/** A name that lies inside something with a form (the owner's name in an e-mail address) is no find of its own. */
const overlaps = (one: RawFinding, other: RawFinding): boolean =>
  one.start < other.end && other.start < one.end;

export const guardrail = defineGuardrail({
  name: 'names',
  reportedAs: 'pii',
  placement: 'worker',
  directions: ['input', 'output'],
  defaultAction: 'redact',
  defaultThreshold: 0.5,
  configuration,
  needs: [],
  worksUnconfigured: true,
  examples: [
    { text: 'My name is Adaeze Okonkwo and I live in Lagos.', finds: ['PERSON', 'LOCATION'] },
    { text: 'Please reset my password, I can not log in any more.', finds: [] },
    {
      text: 'It was founded in 1987 by Rajesh Iyer.',
      configuration: { types: ['PERSON'] },
      finds: ['PERSON'],
    },
  ],
  async create({ types }) {
    const model = await loadNameModel();
    const wanted = new Set<string>(types ?? TYPES);
    return {
      async scan({ text, shared }) {
        const structured = await shared.structured();
        const names = recogniseNames(text, model).filter(
          (finding) => wanted.has(finding.type) && !structured.some((other) => overlaps(finding, other)),
        );
        const dates = wanted.has('DATE_TIME')
          ? structured.filter((finding) => finding.type === 'DATE_TIME')
          : [];
        return {
          findings: [...names, ...dates.map(({ type, start, end, score }) => ({ type, start, end, score }))],
        };
      },
    };
  },
});
