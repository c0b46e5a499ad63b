// Where local servers are found, and what they would ignore refused.
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../kernel/errors.ts';
import { capturing } from '../capturing-transport.ts';
import { localProvider } from './local.ts';

describe('local', () => {
  it.each([
    ['vllm', 'http://127.0.0.1:8000/v1/chat/completions'],
    ['ollama', 'http://127.0.0.1:11434/v1/chat/completions'],
    ['llama.cpp', 'http://127.0.0.1:8080/v1/chat/completions'],
  ])('finds %s where it listens by default', async (server, url) => {
    const sent = await capturing.chat(localProvider, { options: { server } }, { stream: true });
    expect(sent.url).toBe(url);
    expect(sent.body['stream_options']).toEqual({ include_usage: true });
  });

  it('assumes nothing of a server it does not know', async () => {
    const sent = await capturing.chat(localProvider, { baseUrl: 'http://127.0.0.1:9/v1' }, { stream: true });
    expect(sent.url).toBe('http://127.0.0.1:9/v1/chat/completions');
    expect(sent.body).not.toHaveProperty('stream_options');
  });

  it('sends no credential where there is none', async () => {
    const sent = await capturing.chat(localProvider, { options: { server: 'vllm' }, apiKey: '' });
    expect(sent.headers).not.toHaveProperty('authorization');
  });

  it.each([
    ['n', { n: 2 }],
    ['tool_choice', { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'required' }],
    ['logit_bias', { logit_bias: { '1': 1 } }],
  ])('refuses %s, which Ollama would ignore', async (param, body) => {
    await expect(
      capturing.chat(localProvider, { options: { server: 'ollama' } }, body),
    ).rejects.toMatchObject({
      param,
      httpStatus: 400,
    });
  });

  it('names the servers it knows for one it does not', async () => {
    await expect(capturing.chat(localProvider, { options: { server: 'lmstudio' } })).rejects.toThrow(
      UsageError,
    );
  });
});
