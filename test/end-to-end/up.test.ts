// The main job from end to end: one command, the real client, and each interaction found again with its version, tokens and exact cost.
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CostReport, InteractionDetail, InteractionPage } from '../../src/contract/api.ts';
import { runCommand, scratchFolder, startUp, stopUp, type Started } from './installation.ts';

const folder = scratchFolder();
let started: Started;
let workspace: string;

async function api<Body>(path: string): Promise<Body> {
  const answer = await fetch(`${started.running.console}${path}`);
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as Body;
}

/** The interaction with this id as soon as the ledger has it. */
async function recorded(id: string): Promise<InteractionDetail> {
  await expect
    .poll(async () => (await fetch(`${started.running.console}/api/interactions/${id}`)).status, {
      timeout: 20_000,
    })
    .toBe(200);
  return api(`/api/interactions/${id}`);
}

beforeAll(async () => {
  started = await startUp(folder.path, ['--demo', '--port', '0', '--console-port', '0']);
  workspace = started.running.workspace;
}, 60_000);

afterAll(async () => {
  expect(await stopUp(started)).toBe(0);
  folder[Symbol.dispose]();
}, 60_000);

const variables = {
  context: 'Orders ship within 24 hours.',
  question: 'Where is my order?',
  history: 'none',
};

describe('one command', () => {
  it('says that it answers without keys and that its answers are simulated', () => {
    expect(started.running.notes.join('\n')).toMatch(/no keys defined/);
    expect(started.running.notes.join('\n')).toMatch(/simulated/);
    expect(started.running.curl).toContain(started.running.gateway);
  });

  it('a managed prompt through the real client is found with version, tokens and exact cost', async () => {
    const client = new OpenAI({ baseURL: `${started.running.gateway}/v1`, apiKey: 'none', maxRetries: 0 });
    const body = { prompt: { id: 'customer-support', variables }, user: 'ann' };
    const { data, response } = await client.chat.completions
      .create(body as never)
      .withResponse()
      .then((answer) => answer as { data: OpenAI.ChatCompletion; response: Response });
    expect(data.choices[0]?.message.content).toContain('Account > Orders');
    const id = response.headers.get('x-binnacle-interaction') ?? '';
    const detail = await recorded(id);
    expect(detail).toMatchObject({
      prompt: 'customer-support',
      version: '3.1',
      user: 'ann',
      status: 'ok',
      simulated: true,
      cost_usd: response.headers.get('x-binnacle-cost-usd'),
      usage: { input: data.usage?.prompt_tokens, output: data.usage?.completion_tokens },
    });
    expect(detail.attempts).toHaveLength(1);
    // $10 and $30 per million tokens, in units of 10^-6 dollars.
    const micros = (data.usage?.prompt_tokens ?? 0) * 10 + (data.usage?.completion_tokens ?? 0) * 30;
    expect(Number(detail.cost_usd) * 1e6).toBeCloseTo(micros, 6);
  });

  it('a stream is recorded once, with the same facts', async () => {
    const client = new OpenAI({ baseURL: `${started.running.gateway}/v1`, apiKey: 'none', maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: 'auto',
      stream: true,
      user: 'streaming-user',
      messages: [{ role: 'user', content: 'What does shipping cost?' }],
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toContain('$4.90');
    await expect
      .poll(async () => (await api<InteractionPage>('/api/interactions?user=streaming-user')).interactions, {
        timeout: 20_000,
      })
      .toMatchObject([{ streamed: true, status: 'ok', model: 'gpt-3.5-turbo' }]);
  });

  it('the command line reports what the API reports', async () => {
    const { code, out } = await runCommand(workspace, ['cost', 'report', '--by', 'version', '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(out) as CostReport;
    expect(report.total.requests).toBe(2);
    expect(report.lines.map(({ group }) => group)).toContain('customer-support@3.1');
  }, 60_000);

  it('a second one on the same data is refused in one line that names the holder', async () => {
    const { code, err } = await runCommand(workspace, ['up', '--port', '0', '--console-port', '0']);
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(/in use by process \d+ \(binnacle up/);
  }, 60_000);

  it('a taken port is refused in one line that says what to do', async () => {
    using other = scratchFolder();
    const port = new URL(started.running.gateway).port;
    const { code, err } = await runCommand(other.path, [
      'up',
      '--demo',
      '--port',
      port,
      '--console-port',
      '0',
    ]);
    expect(code).toBe(2);
    expect(err.trim().split('\n').at(-1)).toMatch(/Port \d+ on 127\.0\.0\.1 is taken.*--port/);
  }, 60_000);

  it('erasing a person reaches the answers a gateway keeps for idempotency keys', async () => {
    const ask = async (): Promise<Response> => {
      const answer = await fetch(`${started.running.gateway}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'erased-1' },
        body: JSON.stringify({ prompt: { id: 'customer-support', variables }, user: 'erased-ann' }),
      });
      await answer.text();
      return answer;
    };
    const id = (await ask()).headers.get('x-binnacle-interaction') ?? '';
    expect((await ask()).headers.get('x-binnacle-replayed')).toBe('true');
    await recorded(id);
    const { code, out } = await runCommand(workspace, ['person', 'erase', 'erased-ann', '--json']);
    expect([code, JSON.parse(out)]).toMatchObject([0, { interactions: 1 }]);
    await expect
      .poll(async () => (await ask()).headers.get('x-binnacle-replayed'), { timeout: 10_000 })
      .toBeNull();
  });
});
