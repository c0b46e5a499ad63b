// Secrets: keys and tokens of known vendors, private keys, signed tokens, passwords beside their name. `deep` adds secretlint's rules.
import { z } from 'zod';
import { defineGuardrail, type RawFinding } from '../guardrail.ts';
import { withoutFamily, type StructuredFinding } from '../structured/finding.ts';
import { lintSecrets } from './secretlint.ts';

const configuration = z.strictObject({
  /** Also run secretlint's recommended rules (some milliseconds a text). */
  deep: z.boolean().default(false),
});

const own = (all: readonly StructuredFinding[]): RawFinding[] =>
  all.filter((finding) => finding.family === 'secrets').map(withoutFamily);

export const guardrail = defineGuardrail({
  name: 'secrets',
  placement: 'inline',
  isPatient: true,
  directions: ['input', 'output'],
  defaultAction: 'redact',
  configuration,
  worksUnconfigured: true,
  examples: [
    { text: 'use AKIAIOSFODNN7EXAMPLE for it', finds: ['AWS_ACCESS_KEY'] },
    { text: 'password: hunter2!X9', finds: ['PASSWORD'] },
    { text: 'The secret: practise every day.', finds: [] },
  ],
  create({ deep }) {
    return {
      scan({ text, shared }) {
        const found = shared.structured();
        if (!deep)
          return Array.isArray(found)
            ? { findings: own(found) }
            : found.then((all) => ({ findings: own(all) }));
        return Promise.all([found, lintSecrets(text)]).then(([all, linted]) => ({
          findings: [...own(all), ...linted],
        }));
      },
    };
  },
});
