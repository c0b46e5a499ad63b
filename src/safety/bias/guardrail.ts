// Bias: a cheap first pass for sentences that generalise about a group of people, and a judge for those, where one is configured.
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { defineGuardrail, type PolicyJudge, type RawFinding } from '../guardrail.ts';
import { LEXICON } from '../hate/lexicon.ts';

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
  defaultThreshold: 0.5,
  configuration: z.strictObject({
    /** A judge of the workspace; absent: the first pass alone decides. */
    judge: z.string().optional(),
  }),
  needs: [],
  worksUnconfigured: true,
  examples: [
    { text: 'Women are naturally worse drivers than others.', finds: ['bias'] },
    { text: 'The women in our team won the prize. Always check the oil.', finds: [] },
  ],
  create({ judge: name }, { judge }) {
    return {
      async scan({ text, context }) {
        const suspects: RawFinding[] = [];
        let count = 0;
        for (const match of text.matchAll(SENTENCE)) {
          count += 1;
          if (count % PAUSE_EVERY === 0) await setImmediate();
          if (GENERAL.test(match[0]) && GROUPS.test(match[0]))
            suspects.push({
              type: 'bias',
              start: match.index,
              end: match.index + match[0].length,
              score: 0.55,
            });
        }
        if (suspects.length === 0 || name === undefined) return { findings: suspects };
        return { findings: await judged(judge, name, text, context ?? null, suspects) };
      },
    };
  },
});

async function judged(
  judge: PolicyJudge | undefined,
  name: string,
  text: string,
  context: string | null,
  suspects: readonly RawFinding[],
): Promise<RawFinding[]> {
  if (judge === undefined) throw new Error(`the judge "${name}" is not set up here`);
  const verdict = await judge({ judge: name, policy: POLICY, text, context });
  if (verdict.score === null) throw new Error(`the judge "${name}" gave no verdict: ${verdict.reason}`);
  return suspects.map((suspect) => ({ ...suspect, score: verdict.score as number }));
}
