// A book of guardrails lets nothing through where it can't read what a snapshot asks for.
import { expect, it } from 'vitest';
import type { Logger } from '../../kernel/logger.ts';
import { scanText } from '../../safety/engine.ts';
import type { ServingSnapshot } from '../serving-snapshot.ts';
import { GuardBook } from './guard-book.ts';

async function verdictUnder(guardrails: unknown): Promise<{ action: string; logged: string[] }> {
  const logged: string[] = [];
  const logger = { log: (_level: string, message: string) => logged.push(message) } as unknown as Logger;
  const book = new GuardBook({ services: {}, logger });
  const snapshot = { snapshot: { prompts: {}, guardrails } } as unknown as ServingSnapshot;
  const { input } = await book.of({ snapshot, prompt: null, key: null });
  const { action } = await scanText(input, { text: 'Good morning.', direction: 'input' });
  return { action, logged };
}

it('runs the defaults where a snapshot says nothing', async () => {
  expect(await verdictUnder(undefined)).toEqual({ action: 'allow', logged: [] });
});

it.each([
  ['is of another form', { sets: [] }],
  [
    'names an action that there is not',
    { sets: { default: { input: [{ guardrail: 'pii', action: 'drop' }] } } },
  ],
])('stops everything and says so where what a snapshot says %s', async (_, guardrails) => {
  const { action, logged } = await verdictUnder(guardrails);
  expect(action).toBe('block');
  expect(logged).toEqual(['guardrails of the snapshot are not understood: nothing is let through']);
});
