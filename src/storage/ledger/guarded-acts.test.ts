// What of an interaction's findings goes into the audit chain.
import { expect, test } from 'vitest';
import type { Finding } from '../../contract/interaction.ts';
import { sampleBegin, sampleEnd } from '../testing/sample-rows.ts';
import { guardedActs } from './guarded-acts.ts';

const finding = (type: string, action: Finding['action']): Finding => ({
  guardrail: 'pii',
  type,
  direction: 'input',
  start: 3,
  end: 9,
  score: 1,
  action,
  place: 'messages[0]',
});

test('a block and a redaction are one act an interaction, by rule and count, without person and place', () => {
  const row = (id: string, changes: Partial<ReturnType<typeof sampleEnd>>): ReturnType<typeof sampleEnd> =>
    sampleEnd(sampleBegin(id, 5, { end_user: 'ann@example.org' }), 1n, 10, changes);
  const acts = guardedActs([
    row('int_1', { findings: [finding('EMAIL_ADDRESS', 'redact'), finding('EMAIL_ADDRESS', 'redact')] }),
    row('int_2', { findings: [finding('PERSON', 'flag')] }),
    row('int_3', { status: 'blocked', findings: [finding('CREDIT_CARD', 'block')] }),
    row('int_4', { status: 'blocked', not_scanned: ['hate'] }),
  ]);
  expect(acts.map(({ act, subject }) => [act, subject])).toEqual([
    ['guardrail.redact', 'int_1'],
    ['guardrail.block', 'int_3'],
    ['guardrail.block', 'int_4'],
  ]);
  expect(acts[0]?.details['findings']).toEqual({ 'input pii EMAIL_ADDRESS redact': 2 });
  expect(JSON.stringify(acts)).not.toContain('ann@');
});
