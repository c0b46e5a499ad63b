// Two requests share a cache entry only when nothing that decides the answer differs.
import { describe, expect, it } from 'vitest';
import type { CanonicalRequest } from '../contract/canonical.ts';
import { cacheKey } from './cache-key.ts';

const subject = { tenant: 'key_a', prompt: 'support@3.2:abc', model: 'small' };
const request: CanonicalRequest = {
  shape: 'openai-chat',
  model: 'small',
  messages: [
    { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
    { role: 'user', parts: [{ type: 'text', text: 'Is it open?' }] },
  ],
  stream: false,
  temperature: 0.2,
  metadata: {},
  extra: {},
};

describe('cache key', () => {
  const key = cacheKey(request, subject);
  it('is the same for the same question, streamed or not, whoever the end user is', () => {
    expect(
      cacheKey(
        { ...request, stream: true, includeUsage: true, endUser: 'u7', metadata: { session_id: '1' } },
        subject,
      ),
    ).toBe(key);
  });
  it('does not depend on the order of fields', () => {
    const { shape, ...rest } = request;
    expect(cacheKey({ ...rest, shape }, subject)).toBe(key);
    const first = cacheKey({ ...request, extra: { a: 1, b: { c: 1, d: 2 } } }, subject);
    expect(cacheKey({ ...request, extra: { b: { d: 2, c: 1 }, a: 1 } }, subject)).toBe(first);
  });
  it('differs by tenant, prompt, model, every parameter, message, tool and schema', () => {
    const variants: readonly [Partial<CanonicalRequest>, Partial<typeof subject>][] = [
      [{}, { tenant: 'key_b' }],
      [{}, { prompt: 'support@3.3:def' }],
      [{}, { model: 'large' }],
      [{ shape: 'openai-responses' }, {}],
      [{ temperature: 0.3 }, {}],
      [{ maxOutputTokens: 10 }, {}],
      [{ seed: 1 }, {}],
      [{ stop: ['x'] }, {}],
      [{ count: 2 }, {}],
      [{ reasoning: { effort: 'low' } }, {}],
      [{ extra: { logit_bias: { 1: 2 } } }, {}],
      [{ tools: [{ type: 'function', name: 'look_up' }] }, {}],
      [{ toolChoice: { type: 'required' } }, {}],
      [{ responseFormat: { type: 'json-schema', name: 'a', schema: { type: 'object' } } }, {}],
      [{ messages: request.messages.slice(1) }, {}],
      [{ messages: [...request.messages].reverse() }, {}],
    ];
    const keys = variants.map(([change, other]) =>
      cacheKey({ ...request, ...change }, { ...subject, ...other }),
    );
    expect(new Set([key, ...keys]).size).toBe(variants.length + 1);
  });
});
