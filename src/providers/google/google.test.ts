// Where Google is called, on the Gemini API and on Vertex AI, and with which credentials.
import { describe, expect, it } from 'vitest';
import { capturing } from '../capturing-transport.ts';
import { googleProvider } from './google.ts';

const BASE = 'https://generativelanguage.googleapis.com/v1beta';
const VERTEX = 'https://us-aiplatform.googleapis.com/v1/projects/p/locations/us/publishers/google';

describe('google', () => {
  it.each([
    ['', 'gemini-3-pro', false, `${BASE}/models/gemini-3-pro:generateContent`],
    ['', 'gemini-3-pro', true, `${BASE}/models/gemini-3-pro:streamGenerateContent?alt=sse`],
    ['', 'tunedModels/a b?', false, `${BASE}/tunedModels/a%20b%3F:generateContent`],
    [VERTEX, 'gemini-3-pro', false, `${VERTEX}/models/gemini-3-pro:generateContent`],
  ])('with base_url "%s" and model %s (stream %s) calls %s', async (baseUrl, upstreamModel, stream, url) => {
    expect((await capturing.chat(googleProvider, { baseUrl, upstreamModel }, { stream })).url).toBe(url);
  });

  it('sends the key in a header, never in the address', async () => {
    const sent = await capturing.chat(googleProvider, {});
    expect(sent.headers['x-goog-api-key']).toBe('key');
    expect(sent.url).not.toContain('key');
  });

  it('sends a token for Vertex AI', async () => {
    const { headers } = await capturing.chat(googleProvider, { options: { auth: 'bearer' } });
    expect(headers['authorization']).toBe('Bearer key');
    expect(headers).not.toHaveProperty('x-goog-api-key');
  });

  it('asks for embeddings in batches', async () => {
    const sent = await capturing.embed(googleProvider, { upstreamModel: 'gemini-embedding-001' });
    expect(sent.url).toBe(`${BASE}/models/gemini-embedding-001:batchEmbedContents`);
    expect(sent.body['requests']).toHaveLength(1);
  });
});
