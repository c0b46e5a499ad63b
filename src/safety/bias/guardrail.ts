// Bias: a cheap first pass for sentences that generalise about a group of people, and a judge for those, where one is configured.
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { defineGuardrail, type RawFinding } from '../guardrail.ts';
import { LEXICON } from '../hate/lexicon.ts';
import { judgedScore, judgeOptions } from '../policy-judge.ts';

const SENTENCE = /[^.!?\n]{1,600}[.!?\n]?/g;
/** Sentences after which the event loop gets its turn. */
const PAUSE_EVERY = 500;
const GENERAL =
  /\b(?:all|every|most|typical|always|never|naturally|inherently|by nature|tend to|are (?:all|just|only|more|less|too|not|better|worse)|can't|cannot|should(?:n't| not)?|belong|known for|because (?:she|he|they)(?:'s| is|'re| are))\b/i;
const GROUPS = new RegExp(
  `\\b(?:${LEXICON.group.map((entry) => (entry.endsWith('$') ? `${entry.slice(0, -1)}\\b` : `${entry}\\w{0,6}`)).join('|')})`,
  'i',
);
const POLICY =
  'The text must not judge, stereotype or treat people differently for sex, gender, origin, skin colour, religion, disability, age or sexual orientation. Quoting or criticising such a statement is allowed.';

export const guardrail = defineGuardrail({
  name: 'bias',
  placement: 'remote',
  directions: ['output'],
  needsWholeText: true,
  defaultAction: 'flag',
  configuration: z.strictObject({
    /** The model that judges what the first pass suspects; absent: the first pass alone decides. */
    model: z.string().min(1).optional(),
    ...judgeOptions,
  }),
  worksUnconfigured: true,
  examples: [
    { text: 'Women are naturally worse drivers than others.', finds: ['bias'] },
    { text: 'The women in our team won the prize. Always check the oil.', finds: [] },
  ],
  create(options, { judge }) {
    const { model } = options;
    return {
      async scan(input) {
        const suspects = await suspectsIn(input.text);
        if (suspects.length === 0 || model === undefined) return { findings: suspects };
        if (judge === undefined) throw new Error('no judge can be asked here');
        const score = await judgedScore(judge, { guardrail: 'bias', model, policy: POLICY, options }, input);
        return { findings: suspects.map((suspect) => ({ ...suspect, score })) };
      },
    };
  },
});

/** Sentences that say something general of a group. */
async function suspectsIn(text: string): Promise<RawFinding[]> {
  const suspects: RawFinding[] = [];
  let count = 0;
  for (const { index, 0: sentence } of text.matchAll(SENTENCE)) {
    count += 1;
    if (count % PAUSE_EVERY === 0) await setImmediate();
    if (GENERAL.test(sentence) && GROUPS.test(sentence))
      suspects.push({ type: 'bias', start: index, end: index + sentence.length, score: 0.55 });
  }
  return suspects;
}
