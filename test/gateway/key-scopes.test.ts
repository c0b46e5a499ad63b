// What a key may do on the gateway: every endpoint is walked with two keys of different scopes, with one that may only read, with ended ones
// and with none. What lies outside of a scope is as unknown as what is not there.
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/contract/snapshot.ts';
import { scratchKey, scratchSnapshot, startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

const scratch = scratchSnapshot('http://127.0.0.1:9');
const version = scratch.prompts['customer-support']?.versions['3.2'];
const template = scratch.models['small'];
if (version === undefined || template === undefined) throw new Error('the scratch workspace has them');

function prompt(name: string, model: string): Snapshot['prompts'][string] {
  if (version === undefined) throw new Error('the scratch workspace has a prompt');
  const own = { ...version, name, model, parameters: {}, promptId: `${name}-v3.2` };
  return { versions: { '3.2': own }, labels: { production: '3.2' } };
}

let gateway: ScratchGateway;
beforeAll(async () => {
  gateway = await startScratchGateway({
    prompts: {
      amber: prompt('amber', 'small'),
      birch: prompt('birch', 'large'),
      both: prompt('both', 'large'),
    },
    models: {
      ...scratch.models,
      failing: {
        ...template,
        deployments: [{ provider: 'mock', upstreamModel: 'broken', weight: 1 }],
        fallbacks: ['large'],
      },
    },
    keys: [
      scratchKey('a', {
        prompts: ['amber', 'both'],
        models: ['small', 'failing'],
        routes: ['short'],
        roles: ['call'],
      }),
      scratchKey('b', { prompts: ['birch'], models: ['large'], routes: ['else'] }),
      scratchKey('reader', { roles: ['read'] }),
      scratchKey('ended', { expiresAt: 1 }),
    ],
  });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

const chat = (changes: object): object => ({ messages: [{ role: 'user', content: 'hi' }], ...changes });
/** Each endpoint that calls a model, with the least it takes. */
const ENDPOINTS: readonly (readonly [string, (model: string) => object])[] = [
  ['/v1/chat/completions', (model) => chat({ model })],
  ['/v1/responses', (model) => ({ model, input: 'hi' })],
  ['/v1/messages', (model) => chat({ model, max_tokens: 10 })],
  ['/v1/embeddings', (model) => ({ model, input: 'hi' })],
];

interface Told {
  readonly status: number;
  readonly text: string;
}

async function send(path: string, who: string | null, body: object | null): Promise<Told> {
  const answer = await fetch(`${gateway.url}${path}`, {
    method: body === null ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/json',
      ...(who === null ? {} : { authorization: `Bearer ${who}` }),
    },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

const ask = (who: string, body: object): Promise<Told> => send('/v1/chat/completions', who, chat(body));
const feedback = { interaction: `int_${'1'.repeat(32)}`, thumb: 'up' };
const everywhere = async (who: string | null): Promise<number[]> => {
  const told: number[] = [];
  for (const [path, body] of ENDPOINTS) told.push((await send(path, who, body('small'))).status);
  told.push((await send('/v1/feedback', who, feedback)).status, (await send('/v1/models', who, null)).status);
  return told;
};

it.each([
  ['no key', null, 401],
  ['an unknown key', 'nobody', 401],
  ['a part of a key', 'reade', 401],
  ['an ended key', 'ended', 401],
  ['a key that may only read', 'reader', 403],
])('%s opens no endpoint', async (_name, who, status) => {
  const before = gateway.upstream.requests.length;
  expect(await everywhere(who)).toEqual(Array.from({ length: ENDPOINTS.length + 2 }, () => status));
  expect(gateway.upstream.requests.length).toBe(before);
});

it('keys that take turns on one connection are each known for themselves', async () => {
  const dispatcher = new Agent({ connections: 1, pipelining: 1 });
  const told: unknown[] = [];
  for (const who of ['a', 'b', 'nobody', 'a', 'ended', 'b', 'reader', 'a']) {
    const answer = await request(`${gateway.url}/v1/models`, {
      dispatcher,
      headers: { authorization: `Bearer ${who}` },
    });
    const { data } = (await answer.body.json()) as { data?: { id: string }[] };
    told.push(answer.statusCode === 200 ? data?.map(({ id }) => id).join() : answer.statusCode);
  }
  expect(told).toEqual([
    'small,failing,auto',
    'large,auto',
    401,
    'small,failing,auto',
    401,
    'large,auto',
    403,
    'small,failing,auto',
  ]);
  await dispatcher.close();
});

describe.each([
  ['a', 'small', 'large'],
  ['b', 'large', 'small'],
])('key %s, which may use %s', (who, own, other) => {
  it.each(ENDPOINTS)(`%s answers for its model alone, and does not know ${other}`, async (path, body) => {
    expect((await send(path, who, body(own))).status).toBe(200);
    const before = gateway.upstream.requests.length;
    const refused = await send(path, who, body(other));
    const unknown = await send(path, who, body('nonsense'));
    expect([refused.status, unknown.status]).toEqual([404, 404]);
    expect(refused.text.replaceAll(other, 'nonsense')).toBe(unknown.text);
    expect(gateway.upstream.requests.length).toBe(before);
  });
  it('lists its models alone', async () => {
    const { data } = JSON.parse((await send('/v1/models', who, null)).text) as { data: { id: string }[] };
    const names = data.map(({ id }) => id);
    expect(names).toContain(own);
    expect(names).not.toContain(other);
  });
});

it.each([
  ['a', 'amber', 'birch'],
  ['b', 'birch', 'amber'],
])('key %s may use the prompt %s and does not know %s', async (who, own, other) => {
  const variables = { question: 'q', context: 'c' };
  expect((await ask(who, { prompt: { id: own, variables } })).status).toBe(200);
  const refused = await ask(who, { prompt: { id: other, variables } });
  const unknown = await ask(who, { prompt: { id: 'nonsense', variables } });
  expect(refused.status).toBe(404);
  expect(refused.text.replaceAll(other, 'nonsense')).toBe(unknown.text);
});

it('a prompt does not lend a key its model, and the answer does not name it', async () => {
  const told = await ask('a', { prompt: { id: 'both', variables: { question: 'q', context: 'c' } } });
  expect(told.status).toBe(403);
  expect(told.text).not.toContain('large');
});

it('auto serves a key by its rules alone', async () => {
  const long = 'many words that make this question long enough for the other rule of the two '.repeat(3);
  const asked = (who: string, content: string): Promise<Told> =>
    send('/v1/chat/completions', who, { model: 'auto', messages: [{ role: 'user', content }] });
  expect((await asked('a', 'short')).status).toBe(200);
  const refused = await asked('a', long);
  expect([refused.status, refused.text.includes('no_route')]).toEqual([400, true]);
  expect((await asked('b', long)).status).toBe(200);
  const rows = await gateway.ends();
  const routes = rows
    .filter(({ route, http_status }) => http_status === 200 && route !== '')
    .map((row) => `${row.key} ${row.model}`);
  expect(routes).not.toContain('key_a large');
  expect(routes).not.toContain('key_b small');
});

it('a fallback outside of the scope is not taken', async () => {
  const before = gateway.upstream.requests.length;
  expect((await ask('a', { model: 'failing' })).status).toBe(502);
  const called = gateway.upstream.requests.slice(before).map(({ model }) => model);
  expect(called.length).toBeGreaterThan(0);
  expect(called.every((model) => model === 'broken')).toBe(true);
});

describe('feedback', () => {
  const rate = (who: string | null, interaction: string): Promise<Told> =>
    send('/v1/feedback', who, { interaction, thumb: 'down' });

  it("is taken from the interaction's own key and refused from another, before anything is written", async () => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer a' },
      body: JSON.stringify(chat({ model: 'small' })),
    });
    const interaction = answer.headers.get('x-binnacle-interaction') ?? '';
    await answer.text();
    const rows = async (): Promise<string[]> =>
      (await gateway.rows()).flatMap((row) =>
        row.row === 'feedback' && row.interaction === interaction ? [row.key] : [],
      );
    const refused = await rate('b', interaction);
    expect([refused.status, refused.text]).toEqual([404, expect.stringContaining('interaction_not_found')]);
    expect(await rows()).toEqual([]);
    expect((await rate('a', interaction)).status).toBe(202);
    expect(await rows()).toEqual(['key_a']);
  });

  it('about what this gateway does not know is taken: the ledger decides', async () => {
    expect((await rate('b', `int_${'7'.repeat(32)}`)).status).toBe(202);
  });
});
