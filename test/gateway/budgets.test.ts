// Budgets hold the worst case before a call and the exact cost after it: nothing is overspent, and what is settled is what is recorded.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BudgetRule, KeySnapshot } from '../../src/contract/snapshot.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { formatUsd, parseUsd, sumUsd } from '../../src/kernel/money.ts';
import { openDurableBudgets } from '../../src/app/durable-budgets.ts';
import { userPseudonym } from '../../src/kernel/user-pseudonym.ts';
import { periodAt } from '../../src/limits/budget-period.ts';
import { hashApiKey } from '../../src/limits/api-key.ts';
import { MemoryCounters } from '../../src/storage/counters/memory-counters.ts';
import { scratchSnapshot, startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

function budget(changes: Partial<BudgetRule>): BudgetRule {
  const base = { name: 'b', subject: 'user', of: null, period: 'month', timeZone: 'Asia/Tokyo' } as const;
  return { ...base, amountUsd: '1', hard: true, ...changes };
}

const { models } = scratchSnapshot('http://127.0.0.1:9');
const small = models['small'];
if (small === undefined) throw new Error('the scratch workspace has a model "small"');
const [row] = small.prices;
if (row === undefined) throw new Error('"small" has a price');
const priced = {
  ...models,
  free: { ...small, prices: [] },
  flat: {
    ...small,
    deployments: [{ provider: 'patient', upstreamModel: 'small', weight: 1 }],
    prices: [{ ...row, rates: null, perRequest: '0.01' }],
  },
};
const key: KeySnapshot = {
  id: 'key_1',
  name: 'shop',
  hash: hashApiKey('secret-1', 'secret'),
  expiresAt: null,
  prompts: [],
  models: [],
  routes: [],
  roles: [],
};

/** BUDGET_ROUNDS=100 for the long run. */
const ROUNDS = Number(process.env['BUDGET_ROUNDS'] ?? 5);
let gateway: ScratchGateway;
const counters = new MemoryCounters(systemClock);
beforeAll(async () => {
  gateway = await startScratchGateway(
    {
      models: priced,
      keys: [key],
      budgets: [
        budget({ name: 'ten', amountUsd: '0.1' }),
        budget({ name: 'soft', subject: 'key', of: 'shop', hard: false, amountUsd: '0.005' }),
      ],
    },
    { counters },
  );
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function ask(user: string, body: object = {}): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer secret-1' },
    body: JSON.stringify({
      model: 'small',
      max_tokens: 1000,
      user,
      messages: [{ role: 'user', content: 'x '.repeat(200) }],
      ...body,
    }),
  });
}

/** As budgets name end users, however they are recorded. */
const userAccount = (user: string): string => `user/${userPseudonym(user, 'test')}`;

const settled = (name: string, subject: string): string => {
  const { start, end } = periodAt('month', 'Asia/Tokyo', systemClock.now());
  const figures = counters.budget({ budget: `${name}/${subject}`, start, end });
  expect(figures.reserved).toBe(0n);
  return formatUsd(figures.settled);
};

describe('a hard budget', () => {
  it(
    'of 200 concurrent requests with room for exactly 10, 10 are admitted, again and again, and the rest told when it begins anew',
    async () => {
      const { end } = periodAt('month', 'Asia/Tokyo', systemClock.now());
      for (let round = 0; round < ROUNDS; round += 1) {
        const user = `crowd-${round}`;
        const before = gateway.upstream.requests.length;
        const answers = await Promise.all(
          Array.from({ length: 200 }, async () => ask(user, { model: 'flat' })),
        );
        const bodies = await Promise.all(answers.map(async (answer) => answer.text()));
        const refused = answers.filter(({ status }) => status === 429);
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
        expect(refused).toHaveLength(190);
        expect(refused[0]?.headers.get('x-should-retry')).toBe('false');
        const after = Number(refused[0]?.headers.get('retry-after')) * 1000 + systemClock.now();
        expect(Math.abs(after - end)).toBeLessThan(5000);
        expect(bodies.find((body) => body.includes('budget_exceeded'))).toContain('insufficient_quota');
        expect(gateway.upstream.requests.length - before).toBe(10);
        expect(settled('ten', userAccount(user))).toBe('0.1');
      }
    },
    10_000 + ROUNDS * 5_000,
  );
  it('refuses a model without a price, and leaves other users alone', async () => {
    const answer = await ask('other', { model: 'free' });
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('model_unpriced')]);
    expect((await ask('other')).status).toBe(200);
  });
  it('bounds an answer that nothing bounds', async () => {
    expect((await ask('unbounded', { max_tokens: undefined })).status).toBe(200);
    const sent = gateway.upstream.requests.at(-1);
    expect(sent?.['max_tokens'] ?? sent?.['max_completion_tokens']).toBe(4096);
  });
  it('settles to the last digit what is recorded, with failures, streams and clients that leave', async () => {
    const leave = async (model: string): Promise<void> => {
      const answer = await ask('mixed', { model, stream: true, max_tokens: 100 });
      await answer.body?.getReader().read();
      await answer.body?.cancel().catch(() => undefined);
    };
    const whole = async (model: string, stream: boolean): Promise<void> => {
      await (await ask('mixed', { model, stream, max_tokens: 100 })).text().catch(() => '');
    };
    await Promise.all([
      whole('small', false),
      whole('small', true),
      whole('cut', true),
      whole('half', true),
      whole('garbage', false),
      whole('lying', false),
      whole('broken', false),
      whole('silent', false),
      leave('slow'),
      leave('long'),
    ]);
    await expect
      .poll(async () => (await gateway.ends()).filter((row) => row.end_user === 'mixed').length, {
        timeout: 14_000,
      })
      .toBe(10);
    const costs = (await gateway.ends()).filter((row) => row.end_user === 'mixed').map((row) => row.cost_usd);
    expect(costs).not.toContain(null);
    expect(settled('ten', userAccount('mixed'))).toBe(
      formatUsd(sumUsd(costs.map((cost) => parseUsd(cost ?? '0')))),
    );
  }, 25_000);
});

it('a soft budget admits all and records each line that is crossed, once', async () => {
  const rows = await gateway.ends();
  const findings = rows.flatMap((row) => row.findings);
  expect(findings.map(({ guardrail, type, place }) => `${guardrail} ${type} ${place}`).sort()).toEqual(
    expect.arrayContaining(['budget BUDGET_100_PERCENT soft', 'budget BUDGET_80_PERCENT soft']) as string[],
  );
  expect(findings.filter(({ place }) => place === 'soft')).toHaveLength(2);
});

it('a restart finds a user’s account again also where the name was not recorded', async () => {
  const users = ['anna@example.com', 'plain'];
  await using own = await startScratchGateway({
    privacy: { payloads: 'redacted' },
    budgets: [budget({ name: 'each' }), budget({ name: 'anna', of: 'anna@example.com' })],
  });
  for (const user of users)
    await fetch(`${own.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'small', user, messages: [{ role: 'user', content: 'hi' }] }),
    });
  const rows = await own.ends();
  expect(rows.map(({ end_user }) => end_user)).toEqual([userPseudonym('anna@example.com', 'test'), 'plain']);
  const rebuilt = await openDurableBudgets({
    directory: join(own.folder, 'counters'),
    spool: own.spool,
    clock: systemClock,
    snapshot: {
      budgets: [budget({ name: 'each' }), budget({ name: 'anna', of: 'anna@example.com' })],
      keys: [],
    },
  });
  const { start, end } = periodAt('month', 'Asia/Tokyo', systemClock.now());
  const spent = (account: string): string =>
    formatUsd(rebuilt.counters.budget({ budget: account, start, end }).settled);
  expect(spent(`each/${userAccount('anna@example.com')}`)).toBe(rows[0]?.cost_usd);
  expect(spent(`anna/${userAccount('anna@example.com')}`)).toBe(rows[0]?.cost_usd);
  expect(spent(`each/${userAccount('plain')}`)).toBe(rows[1]?.cost_usd);
});
