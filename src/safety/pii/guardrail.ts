// Personal data with a recognisable form: e-mail, phone, card, IBAN, social security, IP, dates of birth, medical records, passports,
// driver licences. Names and places are the guardrail `names`.
import { z } from 'zod';
import { defineGuardrail } from '../guardrail.ts';
import { PLAIN_DATE_SCORE } from '../structured/dates.ts';
import { withoutFamily, type StructuredFinding } from '../structured/finding.ts';

const configuration = z.strictObject({
  /** Presidio's names of the types to find; absent: all but URL. */
  types: z.array(z.string()).optional(),
  /** `birth`: dates that something near calls a date of birth; `all`: every full date. */
  dates: z.enum(['birth', 'all']).default('birth'),
});

type Configuration = z.output<typeof configuration>;

function isWanted(finding: StructuredFinding, { types, dates }: Configuration): boolean {
  if (finding.family !== 'pii') return false;
  if (types === undefined ? finding.type === 'URL' : !types.includes(finding.type)) return false;
  return finding.type !== 'DATE_TIME' || dates === 'all' || finding.score > PLAIN_DATE_SCORE;
}

export const guardrail = defineGuardrail({
  name: 'pii',
  placement: 'inline',
  isPatient: true,
  directions: ['input', 'output'],
  defaultAction: 'redact',
  configuration,
  worksUnconfigured: true,
  examples: [
    { text: 'Write to ann@example.org or call +44 20 7946 0958.', finds: ['EMAIL_ADDRESS', 'PHONE_NUMBER'] },
    { text: 'I was born on 2/3/1980.', finds: ['DATE_TIME'] },
    { text: 'The meeting is on 2/3/2026 in room 12.', finds: [] },
    { text: 'on 2/3/2026', configuration: { dates: 'all' }, finds: ['DATE_TIME'] },
  ],
  create(configuration) {
    const pick = (all: readonly StructuredFinding[]) => ({
      findings: all.filter((finding) => isWanted(finding, configuration)).map(withoutFamily),
    });
    return {
      scan({ shared }) {
        const found = shared.structured();
        return Array.isArray(found) ? pick(found) : found.then(pick);
      },
    };
  },
});
