// Answers given again: under an idempotency key, from the exact cache, to identical questions at the same time; and what rate limits let through.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IdempotencyStore } from '../../src/cache/idempotency-store.ts';
import { ManualClock, systemClock } from '../../src/kernel/clock.ts';
import {
  scratchKey,
  scratchLimit,
  scratchSnapshot,
  startScratchGateway,
  type ScratchGateway,
} from './scratch-gateway.ts';

const [prompt] = Object.values(scratchSnapshot('http://127.0.0.1:9').prompts);
const version = prompt?.versions['3.2'];
if (version === undefined) throw new Error('the scratch workspace has a prompt');
const cached = { ...version, name: 'cached', model: 'small', parameters: {}, cacheTtlSeconds: 600 };
const prompts = {
  cached: { versions: { '3.2': cached }, labels: { production: '3.2' } },
  truncated: {
    versions: { '3.2': { ...cached, name: 'truncated', model: 'cut' } },
    labels: { production: '3.2' },
  },
};

let folder: string;
let replays: IdempotencyStore;
let gateway: ScratchGateway;

const open = (): Promise<IdempotencyStore> =>
  IdempotencyStore.open({
    directory: join(folder, 'replays'),
    clock: systemClock,
    maxBytes: 4 * 1024 * 1024,
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'binnacle-replays-'));
  replays = await open();
  gateway = await startScratchGateway(
    {
      prompts,
      keys: ['a', 'b', 'slow', 'tokens', 'places'].map((name) => scratchKey(name)),
      limits: [
        scratchLimit({ name: 'few', of: 'slow', requestsPerMinute: 3 }),
        scratchLimit({ name: 'words', of: 'tokens', tokensPerMinute: 5000 }),
        scratchLimit({ name: 'two', of: 'places', concurrent: 2 }),
      ],
    },
    { replays },
  );
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await replays.close();
  await rm(folder, { recursive: true });
});

async function ask(name: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${name}`, ...headers },
    body: JSON.stringify(body),
  });
}
const hello = (text: string, changes: object = {}): object => ({
  model: 'small',
  messages: [{ role: 'user', content: text }],
  ...changes,
});
const question = (text: string, changes: object = {}): object => ({
  prompt: { id: 'cached', variables: { question: text, context: 'c' } },
  ...changes,
});
const calls = (): number => gateway.upstream.requests.length;

describe('an idempotency key', () => {
  it.each([false, true])(
    'gives the same bytes again, streamed: %s, for one upstream call',
    async (stream) => {
      const body = hello(`once ${stream}`, {
        stream,
        stream_options: stream ? { include_usage: true } : undefined,
      });
      const header = { 'idempotency-key': `k-${stream}` };
      const before = calls();
      const first = await ask('a', body, header);
      const text = await first.text();
      const again = await ask('a', body, header);
      expect((await again.text()).replace(/^: binnacle .*$/m, '')).toBe(text.replace(/^: binnacle .*$/m, ''));
      expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
      expect(again.headers.get('x-binnacle-replayed')).toBe('true');
      expect(again.headers.get('x-binnacle-interaction')).toBe(first.headers.get('x-binnacle-interaction'));
      expect(calls() - before).toBe(1);
      const id = first.headers.get('x-binnacle-interaction');
      expect((await gateway.ends()).filter((row) => row.id === id)).toHaveLength(1);
      expect((await ask('a', hello('changed', { stream }), header)).status).toBe(422);
      expect((await ask('b', body, header)).headers.get('x-binnacle-replayed')).toBeNull();
    },
  );
  it('is busy while the first is being answered, and free again after a failure', async () => {
    const body = hello('busy', { model: 'silent' });
    const first = ask('a', body, { 'idempotency-key': 'busy' });
    await expect.poll(() => gateway.upstream.requests.some(({ model }) => model === 'silent')).toBe(true);
    const second = await ask('a', body, { 'idempotency-key': 'busy' });
    expect([second.status, second.headers.get('retry-after')]).toEqual([409, '1']);
    expect((await ask('a', hello('other'), { 'idempotency-key': 'busy' })).status).toBe(422);
    expect((await first).status).toBe(504);
    expect((await ask('a', hello('other'), { 'idempotency-key': 'busy' })).status).toBe(200);
  });
  it('whose client left is answered from the whole answer', async () => {
    const body = hello('left', { model: 'slow', stream: true });
    const header = { 'idempotency-key': 'left' };
    const before = calls();
    const first = await ask('a', body, header);
    await first.body?.cancel();
    await expect
      .poll(async () => (await ask('a', body, header)).status, { timeout: 4000, interval: 50 })
      .toBe(200);
    const text = await (await ask('a', body, header)).text();
    expect(text).toContain('left');
    expect(text.trimEnd().endsWith('[DONE]')).toBe(true);
    expect(calls() - before).toBe(1);
  });
  it('survives the process, and ends after its day', async () => {
    await (await ask('a', hello('lasting'), { 'idempotency-key': 'lasting' })).text();
    const later = { now: () => systemClock.now() + 86_400_000, monotonic: () => systemClock.monotonic() };
    const { createHash } = await import('node:crypto');
    const name = createHash('sha256')
      .update(JSON.stringify(['key_a', 'lasting']))
      .digest('hex');
    const directory = join(folder, 'replays');
    const reopened = await IdempotencyStore.open({ directory, clock: systemClock });
    expect(await reopened.find(name)?.read()).toContain('You said: lasting');
    await reopened.close();
    const tomorrow = await IdempotencyStore.open({ directory, clock: later });
    expect(tomorrow.find(name)).toBeUndefined();
    await tomorrow.close();
  });
});

it('many answers kept at once, over several files, are all read back as they were', async () => {
  const directory = join(folder, 'crowded');
  const store = await IdempotencyStore.open({ directory, clock: systemClock, maxBytes: 64 * 1024 });
  const texts = Array.from({ length: 60 }, (_, index) =>
    JSON.stringify({ index, text: 'x'.repeat(index * 9) }),
  );
  const keyOf = (index: number): string => index.toString(16).padStart(64, '0');
  await Promise.all(texts.map(async (text, index) => store.put(keyOf(index), 'f'.repeat(64), text)));
  expect((await readdir(directory)).length).toBeGreaterThan(2);
  for (const [index, text] of texts.entries()) expect(await store.find(keyOf(index))?.read()).toBe(text);
  await store.close();
});

it('what is too old to be given again is not on disk any more', async () => {
  const directory = join(folder, 'swept');
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const store = await IdempotencyStore.open({ directory, clock });
  const onDisk = async (): Promise<string> => {
    const names = await readdir(directory);
    return (await Promise.all(names.map(async (name) => readFile(join(directory, name), 'utf8')))).join('');
  };
  const hour = 3_600_000;
  await store.put('a'.repeat(64), 'f'.repeat(64), '{"said":"first"}');
  clock.advance(2 * hour);
  await store.put('b'.repeat(64), 'f'.repeat(64), '{"said":"second"}');
  clock.advance(22.5 * hour);
  await store.sweep();
  expect(await onDisk()).not.toContain('first');
  expect(await store.find('b'.repeat(64))?.read()).toContain('second');
  clock.advance(2 * hour);
  await store.sweep();
  expect(await onDisk()).toBe('');
  await store.close();
});

describe('the exact cache', () => {
  it('answers again, whole and streamed, and tells what it saved', async () => {
    const before = calls();
    const first = await ask('a', question('open?'));
    const text = await first.text();
    const hit = await ask('a', question('open?'));
    expect(await hit.text()).toBe(text);
    expect([first, hit].map((one) => one.headers.get('x-binnacle-cache'))).toEqual(['miss', 'hit']);
    expect(hit.headers.get('x-binnacle-cost-usd')).toBe('0');
    const streamed = await (await ask('a', question('open?', { stream: true, user: 'someone' }))).text();
    expect(streamed).toContain('Question: open?');
    expect(streamed).toContain('[DONE]');
    expect(calls() - before).toBe(1);
    const id = hit.headers.get('x-binnacle-interaction');
    const row = (await gateway.ends()).find((one) => one.id === id);
    expect(row).toMatchObject({
      cache: 'hit',
      cost_usd: '0',
      saved_usd: '0.0019',
      status: 'ok',
      attempts: [],
    });
  });
  it('keeps what was streamed for whole answers too', async () => {
    const before = calls();
    await (await ask('a', question('both?', { stream: true }))).text();
    const whole = await ask('a', question('both?'));
    expect(await whole.json()).toMatchObject({
      choices: [{ message: { content: 'You said: Question: both?' } }],
    });
    expect([whole.headers.get('x-binnacle-cache'), calls() - before]).toEqual(['hit', 1]);
  });
  it.each([
    ['another key', 'b', 'open?', {}, 'miss'],
    ['another question', 'a', 'closed?', {}, 'miss'],
    ['another temperature', 'a', 'open?', { temperature: 0.1 }, 'miss'],
    ['another tool', 'a', 'open?', { tools: [{ type: 'function', function: { name: 'f' } }] }, 'miss'],
  ])('does not answer %s', async (_name, name, text, changes, state) => {
    const answer = await ask(name, question(text, changes));
    await answer.text();
    expect(answer.headers.get('x-binnacle-cache')).toBe(state);
  });
  it('is passed by on request', async () => {
    const before = calls();
    const answer = await ask('a', question('open?'), { 'x-binnacle-cache': 'off' });
    expect([answer.headers.get('x-binnacle-cache'), calls() - before]).toEqual(['off', 1]);
  });
  it('keeps no answer that was cut off', async () => {
    const body = {
      prompt: { id: 'truncated', variables: { question: 'x y z', context: 'c' } },
      stream: true,
    };
    for (const _ of [1, 2]) {
      const answer = await ask('a', body);
      expect(answer.headers.get('x-binnacle-cache')).toBe('miss');
      expect(await answer.text()).toContain('error');
    }
  });
  it('makes one call of many identical questions', async () => {
    const before = calls();
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) =>
        ask('a', question('crowd?', { stream: index % 2 === 1 })),
      ),
    );
    await Promise.all(answers.map(async (answer) => answer.text()));
    expect(calls() - before).toBe(1);
    expect(answers.filter((answer) => answer.headers.get('x-binnacle-cache') === 'hit')).toHaveLength(49);
  });
});

describe('rate limits', () => {
  it('let so many requests a minute through, say what is left and when to come back', async () => {
    const answers: Response[] = [];
    for (let count = 0; count < 4; count += 1) answers.push(await ask('slow', hello(`r${count}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    const header = (name: string): (string | null)[] => answers.map((answer) => answer.headers.get(name));
    expect(header('x-ratelimit-limit-requests')).toEqual(['3', '3', '3', '3']);
    expect(header('x-ratelimit-remaining-requests')).toEqual(['2', '1', '0', '0']);
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(15);
    expect(answers[3]?.headers.get('x-should-retry')).toBeNull();
    expect(answers[2]?.headers.get('x-ratelimit-reset-requests')).toMatch(/^\d+(\.\d+)?s$/);
  });
  it('count the tokens that were used in the place of those asked for', async () => {
    const first = await ask('tokens', hello('t', { max_tokens: 4000 }));
    expect(Number(first.headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(1000);
    await first.text();
    const second = await ask('tokens', hello('t', { max_tokens: 1 }));
    const left = Number(second.headers.get('x-ratelimit-remaining-tokens'));
    // 1,500 were used by the first; some refilled since.
    expect(left).toBeGreaterThan(3400);
    expect(left).toBeLessThan(3700);
    expect((await ask('tokens', hello('t', { max_tokens: 4000 }))).status).toBe(429);
  });
  it('hold places for concurrent requests, and give them back', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, async () => ask('places', hello('p'))));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
    const streams = await Promise.all(
      [1, 2].map(async () => ask('places', hello('p', { model: 'slow', stream: true }))),
    );
    const refused = await ask('places', hello('p'));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    await Promise.all(streams.map(async (answer) => answer.text()));
    expect((await ask('places', hello('p'))).status).toBe(200);
  });
});
