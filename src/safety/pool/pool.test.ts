// The pool scans as the event loop would, refuses more than it can queue, and outlives a thread that does not answer.
import { afterAll, expect, it } from 'vitest';
import { activateGuardrail, scanText } from '../engine.ts';
import { GuardrailPool } from './pool.ts';

const pool = new GuardrailPool({ deadlineMilliseconds: 30_000 });
afterAll(() => pool.close());
const text = 'My name is Adaeze Okonkwo and I live in Lagos.';

it('finds the same as in the process', async () => {
  const inPool = await activateGuardrail({ guardrail: 'names', options: {} }, 'closed', {}, pool.run);
  const here = await activateGuardrail({ guardrail: 'names', options: {} }, 'closed', {});
  const verdict = await scanText([inPool], { text, direction: 'input' });
  expect(verdict.findings.length).toBeGreaterThan(1);
  expect(verdict).toEqual(await scanText([here], { text, direction: 'input' }));
});

it('says so when it is full or too slow, and works on afterwards', async () => {
  const tight = new GuardrailPool({ queue: 1, deadlineMilliseconds: 1 });
  const active = await activateGuardrail({ guardrail: 'names', options: {} }, 'closed', {}, tight.run);
  const verdicts = await Promise.all([
    scanText([active], { text, direction: 'input' }),
    scanText([active], { text, direction: 'input' }),
  ]);
  expect(verdicts.map(({ action }) => action)).toEqual(['block', 'block']);
  expect(verdicts[0]?.notScanned[0]?.reason).toContain('longer than 1 ms');
  expect(verdicts[1]?.notScanned[0]?.reason).toContain('waiting');
  await tight.warm(['names']);
  await tight.close();
  expect((await scanText([active], { text, direction: 'input' })).notScanned[0]?.reason).toContain('closed');
});

it('hands options over', async () => {
  const active = await activateGuardrail(
    { guardrail: 'language', options: { allowed: ['en'] } },
    'open',
    {},
    pool.run,
  );
  const verdict = await scanText([active], {
    text: 'Ich möchte gerne wissen, wann der nächste Zug fährt.',
    direction: 'input',
  });
  expect(verdict.findings).toMatchObject([{ type: 'language' }]);
});
