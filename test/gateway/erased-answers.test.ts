// Answers kept to be given again, in memory and on disk, go when their end user is erased; others stay, and later ones are kept again.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ErasedAnswers } from '../../src/app/erased-answers.ts';
import { AnswerCache } from '../../src/cache/answer-cache.ts';
import { IdempotencyStore } from '../../src/cache/idempotency-store.ts';
import { ManualClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { userPseudonym } from '../../src/kernel/user-pseudonym.ts';
import { scratchSnapshot, startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

const HOUR = 3_600_000;
const clock = new ManualClock(Date.UTC(2026, 0, 1));
const scratch = scratchSnapshot('http://127.0.0.1:9');
const version = scratch.prompts['customer-support']?.versions['3.2'];
if (version === undefined) throw new Error('the scratch workspace has a prompt');
const cached = { ...version, name: 'cached', model: 'small', parameters: {}, cacheTtlSeconds: 7200 };

let folder: string;
let replays: IdempotencyStore;
let erased: ErasedAnswers;
let gateway: ScratchGateway;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'binnacle-erased-'));
  replays = await IdempotencyStore.open({ directory: folder, clock });
  const answers = new AnswerCache({ clock });
  erased = new ErasedAnswers({ answers, replays, logger: silentLogger });
  gateway = await startScratchGateway(
    { prompts: { cached: { versions: { '3.2': cached }, labels: { production: '3.2' } } } },
    { answers, replays },
  );
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await replays.close();
  await rm(folder, { recursive: true });
});

async function send(body: object, key = ''): Promise<Response> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === '' ? {} : { 'idempotency-key': key }) },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  return answer;
}
/** Asks under an idempotency key; whether the kept answer was given. */
const keyed = async (user: string): Promise<boolean> =>
  (
    await send({ model: 'small', user, messages: [{ role: 'user', content: `I am ${user}` }] }, `k-${user}`)
  ).headers.has('x-binnacle-replayed');
/** Asks a cached prompt; whether the cache answered. */
const plain = async (user: string): Promise<string | null> =>
  (
    await send({ prompt: { id: 'cached', variables: { question: `I am ${user}`, context: 'c' } }, user })
  ).headers.get('x-binnacle-cache');
const onDisk = async (): Promise<string> =>
  (await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))).join('');
const erase = (user: string): Promise<void> =>
  erased.hear({
    ...scratch,
    erasedUsers: [{ user: userPseudonym(user, 'test'), until: clock.now() + HOUR / 4 }],
  });

it('an erased user’s are gone, others’ are not, and none is kept until the erasure is over', async () => {
  for (const user of ['ann', 'bob'])
    expect([await keyed(user), await keyed(user), await plain(user), await plain(user)], user).toEqual([
      false,
      true,
      'miss',
      'hit',
    ]);
  expect(await onDisk()).toContain('I am ann');
  await erase('ann');
  expect(await onDisk()).not.toContain('I am ann');
  expect(await onDisk()).toContain('I am bob');
  expect([await keyed('ann'), await plain('ann'), await keyed('bob'), await plain('bob')]).toEqual([
    false,
    'miss',
    true,
    'hit',
  ]);
  // What was in flight meanwhile is not kept either.
  expect([await keyed('ann'), await plain('ann')]).toEqual([false, 'miss']);
  expect(await onDisk()).not.toContain('I am ann');
  clock.advance(HOUR);
  expect([await keyed('ann'), await keyed('ann'), await plain('ann'), await plain('ann')]).toEqual([
    false,
    true,
    'miss',
    'hit',
  ]);
});

it('a gateway that hears of it later, or has started again, drops what it kept before', async () => {
  await keyed('cleo');
  await plain('cleo');
  const until = clock.now() + 1;
  clock.advance(HOUR);
  await keyed('bob');
  const again = await IdempotencyStore.open({ directory: folder, clock });
  expect(await onDisk()).toContain('I am cleo');
  const users = [{ user: userPseudonym('cleo', 'test'), until }];
  await again.forget(users);
  expect(await onDisk()).not.toContain('I am cleo');
  await again.close();
  await erased.hear({ ...scratch, erasedUsers: users });
  expect([await keyed('cleo'), await plain('cleo')]).toEqual([false, 'miss']);
  const reopened = await IdempotencyStore.open({ directory: folder, clock });
  expect(reopened.figures().entries).toBeGreaterThan(0);
  await reopened.close();
});
