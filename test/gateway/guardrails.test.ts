// Guardrails on the way of a request through the real gateway: what the vendor sees, what the client gets, what is recorded.
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startScratchGateway, type ScratchGateway, scratchSnapshot } from './scratch-gateway.ts';

const MAIL = 'ann.smith@example.org';
const CARD = '4111 1111 1111 1111';
const KEY = `sk-proj-${'Ab3dEf6hIj9kLm2nOp5q'.repeat(2)}`;

const GUARDRAILS = {
  message: 'Our policy stopped this.',
  sets: {
    strict: { input: [{ guardrail: 'secrets', action: 'block' }], output: [] },
    outputs: { output: [{ guardrail: 'pii' }, { guardrail: 'secrets', action: 'block' }] },
    held: { output: [{ guardrail: 'pii', action: 'block' }], streams: 'hold' },
    observed: { output: [{ guardrail: 'pii', action: 'block' }], streams: 'observe' },
    hidden: { input: [{ guardrail: 'pii' }], pseudonymise: true },
    closed: { input: [{ guardrail: 'webhook', options: { url: 'https://example.org/check' } }] },
    open: {
      input: [{ guardrail: 'webhook', on_error: 'open', options: { url: 'https://example.org/check' } }],
    },
    flagged: { input: [{ guardrail: 'pii', action: 'flag' }] },
  },
};

const THROTTLE = { findings: 2, within: 60_000, requests_per_minute: 1, for: 600_000 };

let gateway: ScratchGateway;
let client: OpenAI;

const { prompts, models } = scratchSnapshot('http://127.0.0.1:1');
const support = prompts['customer-support']?.versions['3.2'];

/** A prompt a set, so that each test picks its guardrails by the prompt's name. */
function promptsWithSets(): typeof prompts {
  if (support === undefined) throw new Error('the scratch snapshot has no prompt');
  const named = Object.keys(GUARDRAILS.sets).map((set, index) => {
    const version = { ...support, name: set, promptId: `${set}-v3.2`, guardrails: set, digest: `${index}` };
    return [set, { versions: { '3.2': version }, labels: { production: '3.2' } }] as const;
  });
  const kept = { ...support, name: 'kept-redacted', payloads: 'redacted' as const, digest: 'r' };
  const nothing = { ...support, name: 'kept-none', payloads: 'none' as const, digest: 'n' };
  const flagged = {
    ...support,
    name: 'flag-redacted',
    guardrails: 'flagged',
    payloads: 'redacted' as const,
    digest: 'f',
  };
  const single = [kept, nothing, flagged].map(
    (version) => [version.name, { versions: { '3.2': version }, labels: { production: '3.2' } }] as const,
  );
  return { ...prompts, ...Object.fromEntries([...named, ...single]) };
}

beforeAll(async () => {
  const half = models['half'];
  if (half === undefined) throw new Error('the scratch snapshot has no models');
  gateway = await startScratchGateway({
    guardrails: GUARDRAILS,
    prompts: promptsWithSets(),
    models: { ...models, careful: { ...half, moderated: true } },
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function post(body: unknown, path = '/v1/chat/completions'): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const ask = (set: string, question: string, more: object = {}): Promise<Response> =>
  post({ prompt: { id: set, variables: { question, context: 'none' } }, ...more });

async function endOf(response: Response): Promise<Awaited<ReturnType<ScratchGateway['ends']>>[number]> {
  const id = response.headers.get('x-binnacle-interaction');
  const row = (await gateway.ends()).find((one) => one.id === id);
  if (row === undefined) throw new Error(`no end row of ${id}`);
  return row;
}

/** The text of a chat stream, and its error event if there is one. */
async function streamed(response: Response): Promise<{ text: string; error: unknown; raw: string }> {
  const raw = await response.text();
  let text = '';
  let error: unknown = null;
  for (const line of raw.split('\n')) {
    if (!line.startsWith('data: {')) continue;
    const event = JSON.parse(line.slice(6)) as {
      choices?: { delta: { content?: string } }[];
      error?: unknown;
    };
    text += event.choices?.[0]?.delta.content ?? '';
    error ??= event.error ?? null;
  }
  return { text, error, raw };
}

const lastUpstream = (): string => JSON.stringify(gateway.upstream.requests.at(-1));

describe('the default set', () => {
  it('replaces secrets and numbers of accounts in every text of a request, notes ways to reach someone, and records where, not what', async () => {
    const response = await post({
      model: 'small',
      messages: [
        { role: 'system', content: `Reach the owner at ${MAIL}.` },
        { role: 'user', content: [{ type: 'text', text: `My card is ${CARD}` }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'mail', arguments: `{"to":"${MAIL}"}` } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: `the key is ${KEY}` },
        { role: 'user', content: 'And now?' },
      ],
    });
    expect(response.status).toBe(200);
    for (const value of [CARD, KEY]) expect(lastUpstream()).not.toContain(value);
    expect(lastUpstream()).toContain('My card is <CREDIT_CARD>');
    expect(lastUpstream()).toContain(`Reach the owner at ${MAIL}.`);
    const row = await endOf(response);
    expect(row.findings.map(({ place, type, action }) => [place, type, action])).toEqual([
      ['messages[0].parts[0]', 'EMAIL_ADDRESS', 'flag'],
      ['messages[1].parts[0]', 'CREDIT_CARD', 'redact'],
      ['messages[2].parts[0]', 'EMAIL_ADDRESS', 'flag'],
      ['messages[3].parts[0].parts[0]', expect.stringMatching(/KEY|TOKEN|SECRET/), 'redact'],
    ]);
    for (const value of [CARD, KEY]) expect(JSON.stringify(row)).not.toContain(value);
    expect(JSON.stringify(row.findings)).not.toContain(MAIL);
    expect(row).toMatchObject({ status: 'ok', sensitive: true });
  });

  it('leaves what needs no change byte by byte', async () => {
    const messages = [{ role: 'user', content: 'How do I boil an egg?', name: 'cook' }];
    await post({ model: 'small', messages });
    expect(gateway.upstream.requests.at(-1)?.['messages']).toEqual(messages);
  });

  it('sees the variables of a managed prompt and inputs to embed', async () => {
    const response = await ask('customer-support', `Charge ${CARD}`);
    expect(lastUpstream()).toContain('Question: Charge <CREDIT_CARD>');
    const row = await endOf(response);
    expect(row.findings[0]?.place).toBe('prompt.variables.question');
    expect(row.request_payload).not.toContain(CARD);
    await post({ model: 'small', input: ['hello', `I pay by ${CARD}`] }, '/v1/embeddings');
    expect(gateway.upstream.requests.at(-1)?.['input']).toEqual(['hello', 'I pay by <CREDIT_CARD>']);
  });
});

describe('a block', () => {
  it('is a 400 with the policy’s message in each shape, recorded as blocked, and nothing goes upstream', async () => {
    const before = gateway.upstream.requests.length;
    const response = await ask('strict', `use ${KEY}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'blocked_by_guardrail', message: 'Our policy stopped this.' },
    });
    const row = await endOf(response);
    expect(row).toMatchObject({ status: 'blocked', http_status: 400, error_kind: 'guardrail' });
    expect(row.findings[0]).toMatchObject({ guardrail: 'secrets', action: 'block' });
    expect(JSON.stringify(row)).not.toContain(KEY);
    const inResponses = await post(
      { prompt: { id: 'strict', variables: { question: KEY, context: '' } } },
      '/v1/responses',
    );
    expect(inResponses.status).toBe(400);
    expect(gateway.upstream.requests).toHaveLength(before);
  });

  it('of an answer keeps its cost', async () => {
    const response = await ask('held', `mail ${MAIL}`);
    expect(response.status).toBe(400);
    expect(await endOf(response)).toMatchObject({ status: 'blocked', cost_usd: '0.0019' });
  });
});

describe('a stream', () => {
  it('is redacted in a window, whole and in order, with the usage chunk', async () => {
    const question = `write to ${MAIL} or ${MAIL} ${'and so on '.repeat(60)}then ${CARD} at last`;
    const response = await ask('outputs', question, {
      stream: true,
      stream_options: { include_usage: true },
    });
    const { text, error, raw } = await streamed(response);
    expect(error).toBeNull();
    expect(text).toBe(
      `You said: Question: ${question}`.replaceAll(MAIL, '<EMAIL_ADDRESS>').replace(CARD, '<CREDIT_CARD>'),
    );
    expect(raw).toContain('"prompt_tokens":1000');
    expect(raw.trimEnd().endsWith('data: [DONE]')).toBe(true);
    const row = await endOf(response);
    expect(row.status).toBe('ok');
    expect(row.findings.map(({ direction, type }) => `${direction} ${type}`)).toEqual([
      'output EMAIL_ADDRESS',
      'output EMAIL_ADDRESS',
      'output CREDIT_CARD',
    ]);
    expect(row.response_payload).not.toContain(MAIL);
  });

  it('that is stopped ends with the policy’s message and no end mark; nothing of the secret was sent', async () => {
    const response = await ask('outputs', `${'well '.repeat(100)}${KEY} and more ${'x '.repeat(200)}`, {
      stream: true,
    });
    const { error, raw } = await streamed(response);
    expect(error).toMatchObject({ code: 'blocked_by_guardrail', message: 'Our policy stopped this.' });
    expect(raw).not.toContain('[DONE]');
    expect(raw).not.toContain(KEY.slice(0, 12));
    const row = await endOf(response);
    expect(row).toMatchObject({ status: 'blocked' });
    expect(JSON.stringify(row)).not.toContain(KEY);
  });

  it('in hold sends nothing before all is scanned; in observe all goes and is recorded as seen', async () => {
    const held = await streamed(await ask('held', `${'a b '.repeat(200)}${MAIL}`, { stream: true }));
    expect(held.text).toBe('');
    expect(held.error).toMatchObject({ code: 'blocked_by_guardrail' });
    const response = await ask('observed', `mail ${MAIL}`, { stream: true });
    const { text } = await streamed(response);
    expect(text).toContain(MAIL);
    expect((await endOf(response)).findings).toMatchObject([{ type: 'EMAIL_ADDRESS', action: 'flag' }]);
  });

  it('through the official client comes out the same', async () => {
    const stream = client.chat.completions.stream({
      model: 'small',
      messages: [{ role: 'user', content: `plain words only, ${'one two three '.repeat(50)}` }],
    });
    const text = (await stream.finalChatCompletion()).choices[0]?.message.content;
    expect(text).toBe(`You said: plain words only, ${'one two three '.repeat(50)}`);
  });
});

describe('pseudonymise', () => {
  it('hides values from the vendor and gives them back to the client, whole and streamed', async () => {
    const question = `mail ${MAIL}, not bob@example.org, yes ${MAIL}`;
    const response = await ask('hidden', question);
    expect(lastUpstream()).toContain('mail <EMAIL_ADDRESS_1>, not <EMAIL_ADDRESS_2>, yes <EMAIL_ADDRESS_1>');
    const body = (await response.json()) as { choices: { message: { content: string } }[] };
    expect(body.choices[0]?.message.content).toContain(question);
    const row = await endOf(response);
    expect(JSON.stringify(row)).not.toContain(MAIL);
    const { text } = await streamed(await ask('hidden', question, { stream: true }));
    expect(text).toContain(question);
    expect(lastUpstream()).not.toContain(MAIL);
  });

  it.each([
    ['/v1/responses', { input: `mail ${MAIL} now` }],
    ['/v1/messages', { max_tokens: 50, messages: [{ role: 'user', content: `mail ${MAIL} now` }] }],
  ])('does so on %s, whole and streamed', async (path, body) => {
    await using hiding = await startScratchGateway({
      guardrails: { sets: { default: GUARDRAILS.sets.hidden } },
    });
    for (const stream of [false, true]) {
      const response = await fetch(`${hiding.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'small', ...body, stream }),
      });
      const raw = await response.text();
      expect([response.status, deltasOf(raw)]).toEqual([200, expect.stringContaining(`mail ${MAIL} now`)]);
      expect(raw).not.toContain('EMAIL_ADDRESS_1');
      const sent = JSON.stringify(hiding.upstream.requests.at(-1));
      expect(sent).toContain('mail <EMAIL_ADDRESS_1> now');
      expect(sent).not.toContain(MAIL);
    }
  });
});

/** All text that a stream's deltas of any shape carry, or the body where it is no stream. */
function deltasOf(raw: string): string {
  if (!raw.includes('data: {')) return raw;
  const events = raw.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice(6)] : []));
  return events
    .map((data) => {
      const { delta } = JSON.parse(data) as { delta?: string | { text?: string } };
      return typeof delta === 'string' ? delta : (delta?.text ?? '');
    })
    .join('');
}

describe('a guardrail that can not run', () => {
  it('closed stops and says which; open lets through and is recorded', async () => {
    const closed = await ask('closed', 'hello');
    expect(closed.status).toBe(400);
    expect(await closed.json()).toMatchObject({
      error: { message: expect.stringContaining('"webhook" could not run') },
    });
    expect(await endOf(closed)).toMatchObject({ status: 'blocked', not_scanned: ['input:webhook'] });
    const open = await ask('open', 'hello');
    expect(open.status).toBe(200);
    expect(await endOf(open)).toMatchObject({ status: 'ok', not_scanned: ['input:webhook'] });
  });

  it('an image is named as not scanned', async () => {
    const response = await post({
      model: 'small',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is this' },
            { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
          ],
        },
      ],
    });
    expect((await endOf(response)).not_scanned).toEqual(['input:image']);
  });
});

describe('what is stored', () => {
  it('is redacted, or nothing, as the prompt says; also what was only flagged', async () => {
    const redacted = await endOf(await ask('kept-redacted', 'I was born on 2/3/1980, call +44 20 7946 0958'));
    expect(redacted.request_payload).not.toContain('7946');
    expect(redacted.request_payload).toContain('Question');
    const none = await endOf(await ask('kept-none', 'hello'));
    expect([none.request_payload, none.response_payload]).toEqual(['', '']);
    const flagged = await ask('flag-redacted', `mail ${MAIL}`);
    expect(lastUpstream()).toContain(MAIL);
    const row = await endOf(flagged);
    expect(row.findings[0]).toMatchObject({ action: 'flag' });
    expect(JSON.stringify(row)).not.toContain(MAIL);
  });
});

describe('what is found sensitive', () => {
  it('goes to the moderated model, and the header says why', async () => {
    const messages = [{ role: 'user', content: `mail ${MAIL}` }];
    const response = await post({ model: 'auto', messages });
    expect(response.headers.get('x-binnacle-model')).toBe('careful');
    expect(response.headers.get('x-binnacle-route')).toContain(
      'sensitive (EMAIL_ADDRESS) instead of rule "short"',
    );
    const told = await post({
      model: 'auto',
      messages: [{ role: 'user', content: 'hello' }],
      metadata: { sensitive: 'true' },
    });
    expect(told.headers.get('x-binnacle-route')).toContain('sensitive (metadata)');
    const plain = await post({ model: 'auto', messages: [{ role: 'user', content: 'hello' }] });
    expect(plain.headers.get('x-binnacle-model')).toBe('small');
  });

  it('again and again slows its user down, and only that one', async () => {
    await using own = await startScratchGateway({ guardrails: { throttle: THROTTLE } });
    const send = async (user: string, content: string): Promise<Response> =>
      fetch(`${own.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'small', user, messages: [{ role: 'user', content }] }),
      });
    const statuses: number[] = [];
    for (const content of [MAIL, MAIL, 'hello', 'hello']) statuses.push((await send('ann', content)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await send('ann', 'hello');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { code: 'throttled_by_guardrails' } });
    expect((await send('bob', 'hello')).status).toBe(200);
  });
});
