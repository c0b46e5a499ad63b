// Guardrails that ask a model, through the real gateway: what they let through and block, what becomes of a request when the judge can't be
// had, and that each question is an interaction of its own, priced, counted in the workspace's budget and never judged itself.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndRow } from '../../src/contract/interaction.ts';
import type { BudgetRule, KeySnapshot } from '../../src/contract/snapshot.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { formatUsd } from '../../src/kernel/money.ts';
import { hashApiKey } from '../../src/limits/api-key.ts';
import { MemoryCounters } from '../../src/storage/counters/memory-counters.ts';
import { scratchSnapshot, startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

const POLICY = 'Nothing rude, to anybody.';
const CARD = '4111 1111 1111 1111';
/** 800 fresh, 200 cached, 500 out at $1, $0.5, $2 a million. */
const COST = '0.0019';

const judgeBy = (model: string, more: object = {}, options: object = {}): object => ({
  guardrail: 'judge-policy',
  options: { policy: POLICY, model, ...options },
  ...more,
});

const SETS = {
  before: { input: [judgeBy('judge')] },
  after: { output: [judgeBy('judge')] },
  biased: { output: [{ guardrail: 'bias', action: 'block', options: { model: 'judge' } }] },
  closed: { input: [judgeBy('broken')] },
  open: { input: [judgeBy('broken', { on_error: 'open' })] },
  late: { input: [judgeBy('silent', { on_error: 'open' }, { timeout_milliseconds: 60 })] },
  missing: { input: [judgeBy('nobody', { on_error: 'open' })] },
  replayed: { input: [judgeBy('replayed')] },
};

const { prompts, models } = scratchSnapshot('http://127.0.0.1:1');

function promptsWithSets(): typeof prompts {
  const support = prompts['customer-support']?.versions['3.2'];
  if (support === undefined) throw new Error('the scratch snapshot has no prompt');
  const named = Object.keys(SETS).map((set) => {
    const version = { ...support, name: set, promptId: `${set}-v3.2`, guardrails: set, digest: set };
    return [set, { versions: { '3.2': version }, labels: { production: '3.2' } }] as const;
  });
  return Object.fromEntries(named);
}

function modelsWithJudge(): typeof models {
  const { small } = models;
  if (small === undefined) throw new Error('the scratch snapshot has no models');
  return {
    ...models,
    judge: { ...small, deployments: [{ provider: 'mock', upstreamModel: 'judge', weight: 1 }] },
  };
}

const CHANGES = {
  guardrails: { message: 'Not here.', sets: SETS },
  prompts: promptsWithSets(),
  models: modelsWithJudge(),
};

let gateway: ScratchGateway;
beforeAll(async () => {
  gateway = await startScratchGateway(CHANGES, { drainMs: 150 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

function ask(
  set: string,
  question: string,
  more: object = {},
  at: ScratchGateway = gateway,
): Promise<Response> {
  return fetch(`${at.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ prompt: { id: set, variables: { question, context: '' } }, ...more }),
  });
}

async function endOf(response: Response): Promise<EndRow> {
  const id = response.headers.get('x-binnacle-interaction');
  const row = (await gateway.ends()).find((one) => one.id === id);
  if (row === undefined) throw new Error(`no end row of ${id}`);
  return row;
}

const questions = async (at: ScratchGateway = gateway): Promise<EndRow[]> =>
  (await at.ends()).filter(({ tags }) => tags.includes('guardrail'));

describe('a judge with a policy in words', () => {
  it('lets through and blocks what comes in, and each question is priced and recorded, without its text', async () => {
    const before = (await questions()).length;
    const kind = await ask('before', 'a kind word');
    expect(kind.status).toBe(200);
    const rude = await ask('before', `a rude word, with ${CARD}`);
    expect(rude.status).toBe(400);
    expect(await rude.json()).toMatchObject({
      error: { code: 'blocked_by_guardrail', message: 'Not here.' },
    });
    expect((await endOf(rude)).findings).toMatchObject([
      { guardrail: 'judge-policy', type: 'policy', action: 'block', score: 0.9 },
    ]);
    const asked = (await questions()).slice(before);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toMatchObject({
      status: 'ok',
      model: 'judge',
      route: 'judge of judge-policy',
      tags: ['guardrail', 'guardrail:judge-policy'],
      cost_usd: COST,
      findings: [],
      request_payload: '',
      response_payload: '',
    });
    expect(asked[1]?.attempts).toMatchObject([
      { provider: 'mock', usage_source: 'reported', cost_usd: COST },
    ]);
    const sent = JSON.stringify(gateway.upstream.requests.at(-1));
    expect(sent).toContain(POLICY);
    expect(sent).toContain('<CREDIT_CARD>');
    expect(sent).not.toContain(CARD);
  });

  it('judges the same text once', async () => {
    await ask('before', 'said once');
    const before = (await questions()).length;
    expect((await ask('before', 'said once')).status).toBe(200);
    expect(await questions()).toHaveLength(before);
  });

  it('blocks an answer, whole and streamed', async () => {
    expect((await ask('after', 'be kind')).status).toBe(200);
    const whole = await ask('after', 'be rude');
    expect(whole.status).toBe(400);
    expect(await endOf(whole)).toMatchObject({ status: 'blocked', cost_usd: COST });
    const streamed = await (await ask('after', 'be rude again', { stream: true })).text();
    expect(streamed).toContain('blocked_by_guardrail');
    expect(streamed).not.toContain('[DONE]');
  });

  it('is answered by a recording where its model is a replayed one', async () => {
    const line = { question: 'a recorded word', answer: '{"reason": "recorded", "score": 1}' };
    await writeFile(join(gateway.folder, 'recording.jsonl'), `${JSON.stringify(line)}\n`);
    expect((await ask('replayed', 'a recorded word')).status).toBe(400);
  });
});

describe('bias', () => {
  it('asks its judge only about what its first pass suspects', async () => {
    const before = (await questions()).length;
    expect((await ask('biased', 'Where is my order?')).status).toBe(200);
    expect(await questions()).toHaveLength(before);
    const cleared = await ask('biased', 'He wrote that all women are worse drivers, which is wrong.');
    expect(cleared.status).toBe(200);
    expect((await endOf(cleared)).findings).toEqual([]);
    const blocked = await ask('biased', 'Women are naturally worse drivers, says this rude text.');
    expect(blocked.status).toBe(400);
    expect((await endOf(blocked)).findings).toMatchObject([{ guardrail: 'bias', score: 0.9 }]);
    expect((await questions()).slice(before).map(({ tags }) => tags[1])).toEqual([
      'guardrail:bias',
      'guardrail:bias',
    ]);
  });
});

describe('a judge that can not be had', () => {
  it('blocks where on_error is closed, lets through and says so where it is open', async () => {
    const closed = await ask('closed', 'hello');
    expect(closed.status).toBe(400);
    expect(await closed.text()).toContain('could not run');
    expect((await endOf(closed)).not_scanned).toEqual(['input:judge-policy']);
    const open = await ask('open', 'hello');
    expect(open.status).toBe(200);
    expect((await endOf(open)).not_scanned).toEqual(['input:judge-policy']);
    expect((await endOf(await ask('missing', 'hello'))).not_scanned).toEqual(['input:judge-policy']);
  });

  it('counts one that gives no verdict as one that could not run', async () => {
    expect((await ask('before', 'a speechless word')).status).toBe(400);
  });

  it('is waited for within its time; what it may be billed is kept', async () => {
    const started = performance.now();
    const response = await ask('late', 'still there?');
    expect(response.status).toBe(200);
    expect(performance.now() - started).toBeLessThan(450);
    expect((await endOf(response)).not_scanned).toEqual(['input:judge-policy']);
    const found = async (): Promise<EndRow | undefined> =>
      (await questions()).find(({ model }) => model === 'silent');
    await expect.poll(async () => (await found())?.status).toBe('disconnected');
    const row = await found();
    expect(row?.attempts).toMatchObject([{ error_kind: 'aborted', usage_source: 'reserved' }]);
    const begun = (await gateway.begins()).find(({ id }) => id === row?.id);
    expect(row?.cost_usd).toBe(begun?.reserved_usd);
    expect(row?.reserved_usd).toBe(begun?.reserved_usd);
    expect(Number(row?.cost_usd)).toBeGreaterThan(0);
  });
});

describe('many questions at once', () => {
  it('are bounded, those that nobody waits for any more included, and places become free again', async () => {
    await using own = await startScratchGateway(CHANGES);
    const calls = (): number => own.upstream.requests.filter(({ model }) => model === 'silent').length;
    const texts = Array.from({ length: 40 }, (_, index) => `question ${index}`);
    const answers = await Promise.all(texts.map((text) => ask('late', text, {}, own)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(calls()).toBe(32);
    // The upstream's own time is over after half a second; the deployment is left alone for a while, but others get their turn.
    await expect.poll(async () => (await questions(own)).length).toBe(32);
    expect((await ask('before', 'a word after that', {}, own)).status).toBe(200);
  });
});

const rule = (changes: Partial<BudgetRule>): BudgetRule => ({
  name: 'all',
  subject: 'workspace',
  of: null,
  amountUsd: '1',
  period: 'day',
  hard: true,
  warnAt: [],
  timeZone: 'UTC',
  ...changes,
});

describe('budgets of the key, the user and the prompt', () => {
  const key = (name: string): KeySnapshot => ({
    id: `key_${name}`,
    name,
    hash: hashApiKey(name, 'secret'),
    expiresAt: null,
    prompts: [],
    models: ['small', 'large'],
    routes: [],
    roles: [],
  });
  const subjects = ['key', 'user', 'prompt', 'workspace'] as const;

  it('count what judges cost for a request, whichever models its key may use, to the last digit', async () => {
    const counters = new MemoryCounters(systemClock);
    await using own = await startScratchGateway(
      {
        ...CHANGES,
        privacy: { payloads: 'full' },
        keys: [key('shop'), key('desk')],
        budgets: subjects.map((subject) => rule({ name: subject, subject })),
      },
      { counters },
    );
    const call = async (who: string, set: string, question: string, user: string): Promise<void> => {
      const response = await fetch(`${own.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${who}` },
        body: JSON.stringify({ prompt: { id: set, variables: { question, context: '' } }, user }),
      });
      await response.text();
    };
    await call('shop', 'before', 'first', 'anna');
    await call('shop', 'after', 'be kind', 'anna');
    await call('shop', 'after', 'be rude', 'ben');
    await call('desk', 'before', 'second', 'ben');
    await call('desk', 'before', 'a rude third', 'ben');
    const asked = await questions(own);
    expect(asked.map(({ key, prompt, version, end_user }) => [key, prompt, version, end_user])).toEqual([
      ['key_shop', 'before', '3.2', 'anna'],
      ['key_shop', 'after', '3.2', 'anna'],
      ['key_shop', 'after', '3.2', 'ben'],
      ['key_desk', 'before', '3.2', 'ben'],
      ['key_desk', 'before', '3.2', 'ben'],
    ]);
    expect(
      asked.map(({ status, request_payload, response_payload }) => [
        status,
        request_payload,
        response_payload,
      ]),
    ).toEqual(asked.map(() => ['ok', '', '']));
    // What a vendor gets of a judge's question says nothing of who asked.
    const sent = own.upstream.requests.filter(({ model }) => model === 'judge');
    expect(sent.filter((body) => 'user' in body)).toEqual([]);
    const times = (calls: number): string => formatUsd(1_900_000_000_000_000n * BigInt(calls));
    const accounts = counters.accounts().map(({ account, settled }) => [account, settled] as const);
    const spent = (name: string): string[] =>
      accounts
        .filter(([account]) => account.includes(`${name}/`))
        .map(([, settled]) => formatUsd(settled))
        .sort();
    // Five questions and four calls, since the last question stopped its request; 0.0019 each.
    expect(spent('workspace')).toEqual([times(9)]);
    expect(spent('key')).toEqual([times(3), times(6)]);
    expect(spent('user')).toEqual([times(4), times(5)].sort());
    expect(spent('prompt')).toEqual([times(4), times(5)].sort());
    expect(counters.accounts().every(({ reserved }) => reserved === 0n)).toBe(true);
  });

  it('have no room for a question that could go over one of them', async () => {
    await using own = await startScratchGateway({
      ...CHANGES,
      keys: [key('shop')],
      budgets: [rule({ subject: 'key', amountUsd: '0.0005' })],
    });
    const response = await fetch(`${own.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer shop' },
      body: JSON.stringify({ prompt: { id: 'before', variables: { question: 'first', context: '' } } }),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('could not run');
    expect(own.upstream.requests).toEqual([]);
  });
});

describe('the workspace’s budget', () => {
  it('counts what judges cost, and has no room for one that could go over it', async () => {
    const budgets = [rule({ amountUsd: '0.0035' })];
    await using own = await startScratchGateway({ ...CHANGES, budgets });
    // The judge takes 0.0019 of it; the prompt's own call then holds up to 500 tokens, and costs as much.
    expect((await ask('before', 'first', {}, own)).status).toBe(200);
    const second = await ask('before', 'second', {}, own);
    expect(second.status).toBe(400);
    expect(await second.text()).toContain('could not run');
    const asked = await questions(own);
    expect(asked.map(({ status, error_kind }) => [status, error_kind])).toEqual([
      ['ok', ''],
      ['error', 'rate_limited'],
    ]);
  });
});

describe('tags of the installation’s own calls', () => {
  it.each(['probe', 'evaluation', 'guardrail'])('"%s" is refused from callers', async (tag) => {
    const before = gateway.upstream.requests.length;
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'small',
        messages: [{ role: 'user', content: 'hi' }],
        metadata: { tags: `mine, ${tag}` },
      }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'reserved_tag', param: 'metadata.tags' } });
    expect(gateway.upstream.requests).toHaveLength(before);
  });

  it('are taken where the installation is its own only caller', async () => {
    await using own = await startScratchGateway({}, { takesOwnTags: true });
    const response = await fetch(`${own.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'small',
        messages: [{ role: 'user', content: 'hi' }],
        metadata: { tags: 'probe' },
      }),
    });
    expect(response.status).toBe(200);
    expect((await own.ends()).map(({ tags }) => tags)).toEqual([['probe']]);
  });
});
