// Where Anthropic is called and with which credentials; what it answers is in the contract suite.
import { describe, expect, it } from 'vitest';
import { capturing } from '../capturing-transport.ts';
import { anthropicProvider } from './anthropic.ts';

describe('anthropic', () => {
  it.each([
    ['', 'https://api.anthropic.com/v1/messages'],
    ['https://proxy.example/anthropic', 'https://proxy.example/anthropic/v1/messages'],
    ['https://proxy.example/v1/', 'https://proxy.example/v1/messages'],
  ])('with base_url "%s" calls %s', async (baseUrl, url) => {
    expect((await capturing.chat(anthropicProvider, { baseUrl })).url).toBe(url);
  });

  it('sends the key and the version the API asks for', async () => {
    const { headers } = await capturing.chat(anthropicProvider, {
      options: { anthropic_beta: 'context-1m' },
    });
    expect(headers).toMatchObject({
      'x-api-key': 'key',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'context-1m',
    });
    expect(headers).not.toHaveProperty('authorization');
  });

  it('sends a token instead where the server wants one', async () => {
    const { headers } = await capturing.chat(anthropicProvider, { options: { auth: 'bearer' } });
    expect(headers['authorization']).toBe('Bearer key');
    expect(headers).not.toHaveProperty('x-api-key');
  });
});
