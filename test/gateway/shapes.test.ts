// The other API shapes and the replay provider through the real gateway, with the vendors' own clients: Responses, Anthropic's messages,
// a managed prompt served from a recording, keys.
import Anthropic from '@anthropic-ai/sdk';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchKey, scratchSnapshot, startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

let gateway: ScratchGateway;
let openai: OpenAI;

const MODELS = scratchSnapshot('').models;
const PROMPTS = scratchSnapshot('').prompts;
const SUPPORT = PROMPTS['customer-support'];
const RECORDED = {
  ...PROMPTS,
  'customer-support': {
    versions: {
      '1': { ...SUPPORT?.versions['3.2'], version: '1', promptId: 'customer-support-v1', model: 'replayed' },
    },
    labels: { production: '1' },
  },
} as typeof PROMPTS;

beforeAll(async () => {
  gateway = await startScratchGateway({ models: MODELS, prompts: RECORDED });
  const line = {
    question: 'When do you open?',
    answer: 'At nine.',
    usage: { input: 10, cache_read: 0, cache_write: 0, output: 5, reasoning: 0 },
  };
  writeFileSync(join(gateway.folder, 'recording.jsonl'), `${JSON.stringify(line)}\n`);
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

describe('a managed prompt from a recording', () => {
  const prompt = { id: 'customer-support', variables: { context: 'c', question: 'When do you open?' } };
  it('answers by the question, not by the rendered text, through chat completions', async () => {
    const request = { prompt } as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming;
    const { data, response } = await openai.chat.completions.create(request).withResponse();
    expect(data.choices[0]?.message.content).toBe('At nine.');
    expect(response.headers.get('x-binnacle-cost-usd')).toBe('0.00002');
    expect(response.headers.get('x-binnacle-prompt')).toBe('customer-support@1');
  });

  it('and through Responses, whole and streamed', async () => {
    const whole = await openai.responses.create({ prompt });
    expect(whole.output_text).toBe('At nine.');
    let said = '';
    for await (const event of await openai.responses.create({ prompt, stream: true }))
      if (event.type === 'response.output_text.delta') said += event.delta;
    expect(said).toBe('At nine.');
  });

  it('says plainly that a question is not recorded', async () => {
    const unknown = { ...prompt, variables: { context: 'c', question: 'Who are you?' } };
    await expect(openai.responses.create({ prompt: unknown })).rejects.toThrow(/record/i);
  });
});

it("Anthropic's client is served, with errors in its own shape", async () => {
  const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: 'none', maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const whole = await anthropic.messages.create({ model: 'small', max_tokens: 50, messages });
  expect(whole.content[0]).toMatchObject({ type: 'text', text: 'You said: Hello' });
  const streamed = await anthropic.messages.stream({ model: 'small', max_tokens: 50, messages }).finalText();
  expect(streamed).toBe('You said: Hello');
  await expect(anthropic.messages.create({ model: 'smal', max_tokens: 50, messages })).rejects.toMatchObject({
    status: 404,
    error: { type: 'error', error: { type: 'not_found_error' } },
  });
});

describe('with keys', () => {
  it('only known, living keys are served, within their scope', async () => {
    const keys = [
      scratchKey('good', { id: 'key_1', name: 'key_1', models: ['small'] }),
      scratchKey('old', { id: 'key_2', name: 'key_2', expiresAt: 1 }),
    ];
    await using locked = await startScratchGateway({ keys });
    const ask = async (secret: string, model: string): Promise<number> => {
      const client = new OpenAI({ baseURL: `${locked.url}/v1`, apiKey: secret, maxRetries: 0 });
      try {
        await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'x' }] });
        return 200;
      } catch (error) {
        return (error as { status: number }).status;
      }
    };
    expect(await ask('good', 'small')).toBe(200);
    expect(await ask('good', 'large')).toBe(404);
    expect(await ask('bad', 'small')).toBe(401);
    expect(await ask('old', 'small')).toBe(401);
    const rows = await locked.ends();
    expect(rows.map((row) => [row.key, row.http_status])).toEqual([
      ['key_1', 200],
      ['key_1', 404],
    ]);
    expect(JSON.stringify(await locked.rows())).not.toContain('good');
  });
});

it('a spool that takes nothing is a 503 with Retry-After before anything is paid for', async () => {
  await using closed = await startScratchGateway();
  await closed.spool.close();
  const response = await fetch(`${closed.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'x' }] }),
  });
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  expect(closed.upstream.requests).toHaveLength(0);
  expect((await fetch(`${closed.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${closed.url}/healthz`)).status).toBe(200);
});

it('shutdown lets an open stream finish, and takes no new request', async () => {
  await using closing = await startScratchGateway();
  const words = 'one two three four five six seven eight nine ten';
  const response = await fetch(`${closing.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'slow', messages: [{ role: 'user', content: words }], stream: true }),
  });
  const closed = closing.close(5000);
  expect(await response.text()).toMatch(/\[DONE\]\n\n$/);
  await closed;
  await expect(fetch(`${closing.url}/healthz`)).rejects.toThrow();
});
