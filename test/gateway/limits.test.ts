// Limits of requests, tokens and concurrent requests, each of a key, an end user and a prompt: what is let in, that others go on, what the
// headers say of it, and that a request is let in again after its Retry-After and not before.
import { describe, expect, it } from 'vitest';
import type { LimitRule, Snapshot } from '../../src/contract/snapshot.ts';
import { ManualClock } from '../../src/kernel/clock.ts';
import { MemoryCounters } from '../../src/storage/counters/memory-counters.ts';
import {
  scratchKey,
  scratchLimit,
  scratchSnapshot,
  startScratchGateway,
  type ScratchGateway,
} from './scratch-gateway.ts';

type Subject = 'key' | 'user' | 'prompt';
const SUBJECTS: readonly Subject[] = ['key', 'user', 'prompt'];

const scratch = scratchSnapshot('http://127.0.0.1:1');

/** Two prompts of the same text, so that one can be limited and the other not, on a model that streams slowly. */
function snapshotParts(): Pick<Snapshot, 'prompts' | 'models'> {
  const version = scratch.prompts['customer-support']?.versions['3.2'];
  const { small } = scratch.models;
  if (version === undefined || small === undefined) throw new Error('the scratch workspace has them');
  const named = (name: string): Snapshot['prompts'][string] => ({
    versions: { '3.2': { ...version, name, promptId: `${name}-v3.2`, digest: name } },
    labels: { production: '3.2' },
  });
  return {
    prompts: { one: named('one'), other: named('other') },
    models: { large: { ...small, deployments: [{ provider: 'mock', upstreamModel: 'slow', weight: 1 }] } },
  };
}

interface Scene extends AsyncDisposable {
  readonly gateway: ScratchGateway;
  readonly clock: ManualClock;
  readonly ask: (by: Readonly<Record<Subject, string>>, stream?: boolean) => Promise<Response>;
}

async function sceneWith(limits: readonly LimitRule[]): Promise<Scene> {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const gateway = await startScratchGateway(
    {
      ...snapshotParts(),
      keys: [scratchKey('one'), scratchKey('other')],
      limits: [...limits],
    },
    { counters: new MemoryCounters(clock) },
  );
  return {
    gateway,
    clock,
    ask: (by, stream = false) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${by.key}` },
        body: JSON.stringify({
          prompt: { id: by.prompt, variables: { question: 'word '.repeat(200), context: '' } },
          user: by.user,
          stream,
        }),
      }),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

const ONE = { key: 'one', user: 'one', prompt: 'one' };
/** The same caller but for its key, user or prompt. */
const another = (subject: Subject): typeof ONE => ({ ...ONE, [subject]: 'other' });
const figure = (response: Response, name: string): number =>
  Number.parseFloat(response.headers.get(name) ?? '');

async function refusal(response: Response, words: string): Promise<number> {
  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject({
    error: { code: 'rate_limit_exceeded', message: expect.stringContaining(words) as string },
  });
  return figure(response, 'retry-after');
}

describe.each(SUBJECTS)('of a %s', (subject) => {
  it('requests a minute', async () => {
    await using scene = await sceneWith([scratchLimit({ subject, requestsPerMinute: 2 })]);
    const { ask, clock } = scene;
    const answers = [await ask(ONE), await ask(ONE)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const header = (name: string): number[] =>
      answers.map((answer) => figure(answer, `x-ratelimit-${name}-requests`));
    expect([header('limit'), header('remaining'), header('reset')]).toEqual([
      [2, 2],
      [1, 0],
      [30, 60],
    ]);
    const wait = await refusal(await ask(ONE), `this ${subject} is reached: 2 requests a minute`);
    expect(wait).toBe(30);
    expect((await ask(another(subject))).status).toBe(200);
    clock.advance(wait * 1000 - 1000);
    expect(await refusal(await ask(ONE), 'requests a minute')).toBe(1);
    clock.advance(1000);
    expect((await ask(ONE)).status).toBe(200);
  });

  it('tokens a minute, asked for before and used after', async () => {
    await using scene = await sceneWith([scratchLimit({ subject, tokensPerMinute: 3000 })]);
    const { ask, clock } = scene;
    const first = await ask(ONE);
    expect(first.status).toBe(200);
    expect(figure(first, 'x-ratelimit-limit-tokens')).toBe(3000);
    // The answer's 500 tokens are asked for beside the question's.
    const asked = 3000 - figure(first, 'x-ratelimit-remaining-tokens');
    expect(asked).toBeGreaterThan(700);
    expect(figure(first, 'x-ratelimit-reset-tokens')).toBeCloseTo((asked / 3000) * 60, 1);
    await first.text();
    // 1,500 were used, as the upstream says.
    const second = await ask(ONE);
    expect(figure(second, 'x-ratelimit-remaining-tokens')).toBe(3000 - 1500 - asked);
    await second.text();
    const wait = await refusal(await ask(ONE), `this ${subject} is reached: 3000 tokens a minute`);
    expect(wait).toBe(Math.ceil((asked / 3000) * 60));
    expect((await ask(another(subject))).status).toBe(200);
    clock.advance(wait * 1000);
    expect((await ask(ONE)).status).toBe(200);
  });

  it('concurrent requests, until an answer is whole', async () => {
    await using scene = await sceneWith([scratchLimit({ subject, concurrent: 1 })]);
    const { ask } = scene;
    const held = await ask(ONE, true);
    expect(held.status).toBe(200);
    expect(await refusal(await ask(ONE), `this ${subject} is reached: 1 concurrent requests`)).toBe(1);
    expect((await ask(another(subject))).status).toBe(200);
    await held.text();
    expect((await ask(ONE)).status).toBe(200);
  });

  it('only where it is named', async () => {
    await using scene = await sceneWith([scratchLimit({ subject, of: 'one', requestsPerMinute: 1 })]);
    const statuses = async (by: typeof ONE): Promise<number[]> => [
      (await scene.ask(by)).status,
      (await scene.ask(by)).status,
    ];
    expect(await statuses(ONE)).toEqual([200, 429]);
    expect(await statuses(another(subject))).toEqual([200, 200]);
  });
});

it('of several limits each is kept, and a refusal by one takes nothing of the others', async () => {
  await using scene = await sceneWith([
    scratchLimit({ name: 'user', subject: 'user', requestsPerMinute: 1 }),
    scratchLimit({ name: 'prompt', subject: 'prompt', requestsPerMinute: 3 }),
  ]);
  const { ask } = scene;
  expect((await ask(ONE)).status).toBe(200);
  for (let count = 0; count < 3; count += 1) await refusal(await ask(ONE), 'The limit "user" of this user');
  expect((await ask({ ...ONE, user: 'second' })).status).toBe(200);
  expect((await ask({ ...ONE, user: 'third' })).status).toBe(200);
  await refusal(await ask({ ...ONE, user: 'fourth' }), 'The limit "prompt" of this prompt');
});
