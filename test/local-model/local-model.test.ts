// The local provider against a real model: random weights written by a script, run by llama.cpp. Skipped, with a line saying so, where
// node scripts/install-local-model.ts was not run.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyModel } from '../../scripts/write-tiny-model.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { localProvider } from '../../src/providers/local/local.ts';
import type { Target } from '../../src/providers/provider.ts';
import { UndiciTransport } from '../../src/providers/transport.ts';
import { openaiChatInbound } from '../../src/wire/openai-chat/inbound.ts';
import type { ObservedAnswer } from '../contract/observed-answer.ts';
import { observeEvents, observeResponse } from '../contract/observed-answer.ts';
import type { LlamaServer } from './llama-server.ts';
import { isInstalled, llamaServer } from './llama-server.ts';

const MESSAGES = [{ role: 'user', content: 'the man and the hat' }];
const MOST = 24;

if (!isInstalled) console.log('skipped: no local model (node scripts/install-local-model.ts installs it)');

it('writes the same model every time', () => {
  const first = tinyModel();
  expect(first.subarray(0, 4).toString()).toBe('GGUF');
  expect(tinyModel().equals(first)).toBe(true);
});

describe.skipIf(!isInstalled)('a real local model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-model-'));
  const transport = new UndiciTransport();
  const provider = localProvider({ transport, clock: systemClock });
  let llama: LlamaServer;

  beforeAll(async () => {
    const path = join(folder, 'tiny.gguf');
    writeFileSync(path, tinyModel());
    llama = await llamaServer(path);
  });

  afterAll(async () => {
    await transport.close();
    await llama.close();
    rmSync(folder, { recursive: true });
  });

  async function ask(stream: boolean, options: Target['options']): Promise<ObservedAnswer> {
    const { port } = llama.server.address() as AddressInfo;
    const target: Target = {
      provider: 'local',
      upstreamModel: 'tiny',
      baseUrl: `http://127.0.0.1:${port}/v1`,
      headers: {},
      options,
      timeouts: { connect: 2000, firstByte: 20_000, idle: 20_000, total: 60_000 },
      allowPrivate: true,
    };
    const request = openaiChatInbound.readRequest({
      model: 'm',
      messages: MESSAGES,
      max_tokens: MOST,
      temperature: 0,
      stream,
    });
    const answer = await provider.chat(request, target, { signal: new AbortController().signal });
    if (answer.kind === 'response') return observeResponse(answer.response);
    const events = [];
    for await (const chunks of answer.chunks) for (const chunk of chunks) events.push(...chunk.events);
    return observeEvents(events);
  }

  it('says the same whole and streamed, and both report its own count of tokens', async () => {
    const whole = await ask(false, { server: 'llama.cpp' });
    const streamed = await ask(true, { server: 'llama.cpp' });
    expect(whole.text.length).toBeGreaterThan(0);
    expect(streamed).toEqual(whole);
    expect(whole.usage?.input).toBe(llama.promptTokens(MESSAGES));
    expect(whole.usage?.output).toBeGreaterThan(0);
    expect(whole.usage?.output).toBeLessThanOrEqual(MOST);
    expect(whole.finish).toBe(whole.usage?.output === MOST ? 'length' : 'stop');
  });

  it('has no usage where the server was not asked for it, rather than a made-up one', async () => {
    const streamed = await ask(true, {});
    expect(streamed.text.length).toBeGreaterThan(0);
    expect(streamed.usage).toBeNull();
  });
});
