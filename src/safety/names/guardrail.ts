// Persons, places and addresses, organisations, nationalities, ages and years, by a small tagger trained for it; and full dates.
import { z } from 'zod';
import { defineGuardrail, type RawFinding } from '../guardrail.ts';
import { withoutFamily } from '../structured/finding.ts';
import { loadNameModel } from './load.ts';
import { recogniseNames } from './recognise.ts';
import { TYPES } from './tagger.ts';

const configuration = z.strictObject({
  /** Which types to find; absent: all. */
  types: z.array(z.enum(TYPES)).optional(),
});

/** A name that lies inside something with a form (the owner's name in an e-mail address) is no find of its own. Both in order of place. */
function outside<Name extends RawFinding>(names: readonly Name[], others: readonly RawFinding[]): Name[] {
  const byPlace = [...others].sort((a, b) => a.start - b.start);
  let next = 0;
  let reach = 0;
  return names.filter(({ start, end }) => {
    for (let other = byPlace[next]; other !== undefined && other.start < end; other = byPlace[next]) {
      reach = Math.max(reach, other.end);
      next += 1;
    }
    return reach <= start;
  });
}

export const guardrail = defineGuardrail({
  name: 'names',
  reportedAs: 'pii',
  placement: 'worker',
  directions: ['input', 'output'],
  defaultAction: 'redact',
  configuration,
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
        const names = outside(recogniseNames(text, model), structured).filter(({ type }) => wanted.has(type));
        const dates = wanted.has('DATE_TIME')
          ? structured.filter((finding) => finding.type === 'DATE_TIME')
          : [];
        return {
          findings: [...names, ...dates.map(withoutFamily)],
        };
      },
    };
  },
});
