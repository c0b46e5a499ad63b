// Which of a client's headers reach vendors: what it turns on of Anthropic's API, to Anthropic alone; never what names an account.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratchSnapshot, startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

const seen: IncomingHttpHeaders[] = [];
const ANSWERS = {
  '/v1/messages': {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'hello' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 1 },
  },
  '/chat/completions': {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
  },
};
const vendor = createServer((request, response) => {
  seen.push(request.headers);
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(ANSWERS[request.url as keyof typeof ANSWERS]));
  });
});

let gateway: ScratchGateway;
beforeAll(async () => {
  vendor.listen(0, '127.0.0.1');
  await once(vendor, 'listening');
  const { providers, models } = scratchSnapshot(`http://127.0.0.1:${(vendor.address() as AddressInfo).port}`);
  const { mock } = providers;
  const { small } = models;
  if (mock === undefined || small === undefined) throw new Error('the scratch workspace has them');
  const on = (provider: string): typeof small => ({
    ...small,
    deployments: [{ provider, upstreamModel: 'm', weight: 1 }],
  });
  gateway = await startScratchGateway({
    providers: {
      ...providers,
      claude: { ...mock, kind: 'anthropic', options: { anthropic_beta: 'ours-1, both-1' } },
      open: { ...mock, apiKey: 'operator' },
    },
    models: { claude: on('claude'), open: on('open') },
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  vendor.close();
});

const HEADERS = {
  'anthropic-beta': 'both-1,theirs-2, theirs-2',
  'anthropic-version': '1999-01-01',
  'openai-beta': 'assistants=v2',
  'openai-organization': 'org-client',
  'openai-project': 'proj-client',
  'x-binnacle-cache': 'off',
  cookie: 'a=b',
};

async function ask(
  path: string,
  model: string,
  headers: Record<string, string> = HEADERS,
): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }),
  });
}

it('turns on for Anthropic what the operator and the caller name, each once, in the version that we read', async () => {
  expect((await ask('/v1/messages', 'claude')).status).toBe(200);
  expect(seen.at(-1)).toMatchObject({
    'anthropic-beta': 'ours-1,both-1,theirs-2',
    'anthropic-version': '2023-06-01',
  });
});

it.each([
  ['/v1/chat/completions', 'claude', 'ours-1,both-1'],
  ['/v1/messages', 'open', undefined],
])('passes nothing of it on from %s to "%s"', async (path, model, betas) => {
  expect((await ask(path, model)).status).toBe(200);
  expect(seen.at(-1)?.['anthropic-beta']).toBe(betas);
});

it.each(['claude', 'open'])('names no account of the caller’s to "%s"', async (model) => {
  expect((await ask('/v1/chat/completions', model)).status).toBe(200);
  const names = Object.keys(seen.at(-1) ?? {});
  for (const name of ['openai-organization', 'openai-project', 'openai-beta', 'cookie', 'x-binnacle-cache'])
    expect(names).not.toContain(name);
});

it('refuses a header that is no list of names', async () => {
  const before = seen.length;
  for (const beta of ['a b', `${'x,'.repeat(60)}x`, 'x'.repeat(200)]) {
    const response = await ask('/v1/messages', 'claude', { 'anthropic-beta': beta });
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining('anthropic-beta'),
    ]);
  }
  expect(seen).toHaveLength(before);
});
