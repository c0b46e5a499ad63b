// The way of a request through the real gateway, with the real OpenAI client: whole answers, streams, tools, structured output, managed
// prompts, routing, errors, and what is recorded of each.
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

let gateway: ScratchGateway;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startScratchGateway();
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

const HELLO = [{ role: 'user' as const, content: 'Hello there' }];

async function post(
  body: unknown,
  path = '/v1/chat/completions',
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function endOf(response: Response): Promise<Awaited<ReturnType<ScratchGateway['ends']>>[number]> {
  const id = response.headers.get('x-binnacle-interaction');
  const row = (await gateway.ends()).find((one) => one.id === id);
  if (row === undefined) throw new Error(`no end row of ${id}`);
  return row;
}

describe('a whole answer', () => {
  it('reaches the OpenAI client and is priced exactly', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'small', messages: HELLO, user: 'u1', metadata: { session_id: 's1', tags: 'a, b' } })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('You said: Hello there');
    expect(response.headers.get('x-binnacle-model')).toBe('small');
    expect(response.headers.get('x-binnacle-cache')).toBe('off');
    expect(response.headers.get('x-binnacle-route')).toBe('requested');
    // 800 input at 1 $, 200 cached at 0.5 $, 400 output and 100 reasoning at 2 $, each per million.
    expect(response.headers.get('x-binnacle-cost-usd')).toBe('0.0019');
    expect(response.headers.get('set-cookie')).toBeNull();
    const row = await endOf(response);
    expect(row).toMatchObject({
      status: 'ok',
      end_user: 'u1',
      session: 's1',
      tags: ['a', 'b'],
      cost_usd: '0.0019',
    });
    expect(row.usage).toEqual({ input: 800, cache_read: 200, cache_write: 0, output: 400, reasoning: 100 });
    expect(JSON.parse(row.response_payload)).toEqual({ text: 'You said: Hello there' });
    expect((await gateway.begins()).filter((one) => one.id === row.id)).toHaveLength(1);
    expect(gateway.upstream.requests.at(-1)).not.toHaveProperty('metadata');
  });

  it('carries tools and structured output', async () => {
    const tools = [
      { type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } },
    ];
    const called = await client.chat.completions.create({ model: 'small', messages: HELLO, tools });
    const call = called.choices[0]?.message.tool_calls?.[0];
    expect(call?.type === 'function' && call.function.arguments).toBe('{"city":"Oslo"}');
    const schema = {
      type: 'object',
      properties: { answer: { type: 'number' } },
      required: ['answer'],
      additionalProperties: false,
    };
    const parsed = await client.chat.completions.parse({
      model: 'small',
      messages: HELLO,
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema, strict: true } },
    });
    expect(JSON.parse(parsed.choices[0]?.message.content ?? '')).toEqual({ answer: 42 });
  });

  it('whose vendor reports no usage is priced by an estimate, and says so', async () => {
    const row = await endOf(await post({ model: 'unmetered', messages: HELLO }));
    expect(row.attempts[0]).toMatchObject({ usage_source: 'estimated', usage: { cache_read: 0 } });
    expect(Number(row.cost_usd)).toBeGreaterThan(0);
  });

  it('lists models and gives embeddings', async () => {
    const models = await client.models.list();
    expect(models.data.map((model) => model.id)).toContain('auto');
    const given = await client.embeddings.create({ model: 'small', input: ['a', 'b'] });
    expect(given.data.map((one) => one.embedding[2])).toEqual([0, 1]);
  });
});

describe('a stream', () => {
  it('arrives whole, with its cost in a comment before the end mark, recorded before it', async () => {
    const response = await post({
      model: 'small',
      messages: HELLO,
      stream: true,
      stream_options: { include_usage: true },
    });
    const text = await response.text();
    const row = await endOf(response);
    expect(text).toContain(`: binnacle {"interaction":"${row.id}","cost_usd":"0.0019"}\n\ndata: [DONE]\n\n`);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(row).toMatchObject({ status: 'ok', streamed: true, cost_usd: '0.0019', finish_reason: 'stop' });
    expect(row.ttft_ms).toBeGreaterThan(0);
    const stream = await client.chat.completions.create({ model: 'small', messages: HELLO, stream: true });
    let said = '';
    for await (const chunk of stream) {
      said += chunk.choices[0]?.delta.content ?? '';
      expect(chunk.usage ?? null).toBeNull();
    }
    expect(said).toBe('You said: Hello there');
  });

  it.each(['cut', 'half'])('that is %s off ends with an error event, never as if complete', async (model) => {
    const response = await post({ model, messages: HELLO, stream: true });
    const text = await response.text();
    expect(text).not.toContain('[DONE]');
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^data: \{"error":/);
    const row = await endOf(response);
    expect(row).toMatchObject({ status: 'error', error_kind: 'api_error' });
    expect(row.attempts[0]).toMatchObject({ error_kind: 'cut_stream', usage_source: 'reserved' });
    expect(row.cost_usd).not.toBeNull();
    await expect(async () => {
      for await (const _ of await client.chat.completions.create({ model, messages: HELLO, stream: true }));
    }).rejects.toThrow();
  });

  it('whose client leaves is drained for its usage', async () => {
    const leave = new AbortController();
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'slow',
        messages: [{ role: 'user', content: 'a b c d e f g h i j' }],
        stream: true,
      }),
      signal: leave.signal,
    });
    const id = response.headers.get('x-binnacle-interaction');
    leave.abort();
    await expect
      .poll(async () => (await gateway.ends()).find((row) => row.id === id)?.status)
      .toBe('disconnected');
    const row = (await gateway.ends()).find((one) => one.id === id);
    expect(row).toMatchObject({ http_status: 499, cost_usd: '0.0019' });
    expect(row?.attempts[0]?.usage_source).toBe('reported');
  });
});

describe('a managed prompt', () => {
  const variables = { context: 'Open 9 to 5', question: 'When?' };
  it('is rendered, versioned and recorded', async () => {
    const response = await post({ prompt: { id: 'customer-support', variables } });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-binnacle-prompt')).toBe('customer-support@3.2');
    expect(response.headers.get('x-binnacle-model')).toBe('large');
    const sent = gateway.upstream.requests.at(-1);
    expect(sent).toMatchObject({ model: 'large', temperature: 0.7 });
    expect(sent).not.toHaveProperty('prompt');
    expect(sent?.['messages']).toMatchObject([
      { content: 'You help. Relevant information: Open 9 to 5' },
      { content: 'Question: When?' },
    ]);
    expect(await endOf(response)).toMatchObject({
      prompt: 'customer-support',
      version: '3.2',
      model: 'large',
    });
  });

  it('takes a label or a version, and messages after it', async () => {
    const staged = await post({
      prompt: { id: 'customer-support', version: 'staging', variables },
      messages: HELLO,
    });
    expect(staged.headers.get('x-binnacle-prompt')).toBe('customer-support@3.1');
    expect(gateway.upstream.requests.at(-1)?.['messages']).toHaveLength(3);
  });

  it.each([
    [{ id: 'customer-suport', variables }, {}, 404, 'prompt.id', 'customer-support'],
    [{ id: 'customer-support', version: '3.3', variables }, {}, 404, 'prompt.version', '3.2'],
    [
      { id: 'customer-support', variables: { context: 'x' } },
      {},
      400,
      'prompt.variables.question',
      'question',
    ],
    [{ id: 'customer-support', variables }, { temperature: 0.1 }, 400, 'temperature', 'temperature'],
    [{ id: 'customer-support', variables }, { model: 'small' }, 400, 'model', 'model'],
  ])('refuses %j with %j', async (prompt, more, status, param, says) => {
    const response = await post({ prompt, ...more });
    const { error } = (await response.json()) as { error: { param: string; message: string } };
    expect([response.status, error.param]).toEqual([status, param]);
    expect(error.message).toContain(says);
  });

  it('accepts a parameter set alike', async () => {
    const response = await post({
      prompt: { id: 'customer-support', variables },
      temperature: 0.7,
      model: 'large',
    });
    expect(response.status).toBe(200);
  });
});

describe('routing and errors', () => {
  it('routes auto by the rules and says why', async () => {
    const short = await post({ model: 'auto', messages: HELLO });
    expect(short.headers.get('x-binnacle-model')).toBe('small');
    expect(short.headers.get('x-binnacle-route')).toBe('rule "short" (11 characters, 2 words)');
    const long = await post({ model: 'auto', messages: [{ role: 'user', content: 'x'.repeat(60) }] });
    expect(long.headers.get('x-binnacle-model')).toBe('large');
  });

  it.each([
    ['smal', 404, 'model_not_found', 'client_error', /"small"/],
    ['limited', 429, 'upstream_rate_limited', 'rate_limited', /slow down/],
    ['broken', 502, 'upstream_server_error', 'api_error', /oops/],
    ['garbage', 502, 'upstream_bad_answer', 'api_error', /mock/],
    ['lying', 502, 'upstream_server_error', 'api_error', /really an error/],
    ['silent', 504, 'upstream_timeout', 'timeout', /mock/],
  ])('answers %s with %i %s and records it', async (model, status, code, kind, says) => {
    const response = await post({ model, messages: HELLO });
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect([response.status, error.code]).toEqual([status, code]);
    expect(error.message).toMatch(says);
    if (status === 429) expect(response.headers.get('retry-after')).toBe('7');
    expect(await endOf(response)).toMatchObject({ status: 'error', http_status: status, error_kind: kind });
  });

  it('takes feedback', async () => {
    const interaction = `int_${'0'.repeat(32)}`;
    expect((await post({ interaction, thumb: 'up' }, '/v1/feedback')).status).toBe(202);
    expect((await gateway.rows()).at(-1)).toMatchObject({
      row: 'feedback',
      interaction,
      thumb: 'up',
      rating: null,
    });
    for (const bad of [
      { interaction },
      { interaction: 'x', thumb: 'up' },
      { interaction, rating: 6 },
      { interaction, thum: 'up' },
    ])
      expect((await post(bad, '/v1/feedback')).status).toBe(400);
  });
});
