// The two kinds of Azure address and the two kinds of credential.
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../kernel/errors.ts';
import { capturing } from '../capturing-transport.ts';
import { azureProvider } from './azure.ts';

const BASE = 'https://team.openai.azure.com';

describe('azure', () => {
  it.each([
    [BASE, {}, `${BASE}/openai/v1/chat/completions`],
    [`${BASE}/openai/v1/`, {}, `${BASE}/openai/v1/chat/completions`],
    [BASE, { api_version: 'preview' }, `${BASE}/openai/v1/chat/completions?api-version=preview`],
    [
      BASE,
      { api_version: '2024-10-21' },
      `${BASE}/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21`,
    ],
    [
      `${BASE}/openai`,
      { api_version: '2025-04-01-preview' },
      `${BASE}/openai/deployments/my%20gpt/chat/completions?api-version=2025-04-01-preview`,
    ],
  ])('with base_url %s and %o calls %s', async (baseUrl, options, url) => {
    expect((await capturing.chat(azureProvider, { baseUrl, options, upstreamModel: 'my gpt' })).url).toBe(
      url,
    );
  });

  it('sends a key, or an Entra token', async () => {
    const byKey = await capturing.chat(azureProvider, { baseUrl: BASE });
    expect(byKey.headers['api-key']).toBe('key');
    expect(byKey.headers).not.toHaveProperty('authorization');
    const byToken = await capturing.chat(azureProvider, { baseUrl: BASE, options: { auth: 'entra' } });
    expect(byToken.headers['authorization']).toBe('Bearer key');
    expect(byToken.headers).not.toHaveProperty('api-key');
  });

  it('asks for embeddings of the deployment', async () => {
    const target = { baseUrl: BASE, options: { api_version: '2024-10-21' }, upstreamModel: 'ada' };
    expect((await capturing.embed(azureProvider, target)).url).toBe(
      `${BASE}/openai/deployments/ada/embeddings?api-version=2024-10-21`,
    );
  });

  it.each([[''], [BASE]])('says what its configuration lacks (base_url "%s")', async (baseUrl) => {
    const options = baseUrl === '' ? {} : { api_version: '1 & x=2' };
    await expect(capturing.chat(azureProvider, { baseUrl, options })).rejects.toThrow(UsageError);
  });
});
