// Each row of compatible vendors: its address, its credential, and every gap it documents answered with a 400.
import { describe, expect, it } from 'vitest';
import { capturing } from '../capturing-transport.ts';
import type { HttpProviderParts } from '../http-provider.ts';
import type { Provider } from '../provider.ts';
import { compatibleProvider, compatibleProviders } from './compatible.ts';
import { COMPATIBLE_VENDORS } from './vendors.ts';

function of(kind: string): (parts: HttpProviderParts) => Provider {
  const vendor = COMPATIBLE_VENDORS.find((each) => each.kind === kind);
  if (vendor === undefined) throw new Error(`no vendor ${kind}`);
  return (parts) => compatibleProvider(vendor, parts);
}

/** A request that asks for a field or parameter by the name of the table. */
const ASKS: Readonly<Record<string, readonly [string, object]>> = {
  count: ['n', { n: 2 }],
  seed: ['seed', { seed: 1 }],
  topK: ['top_k', { top_k: 4 }],
  parallelToolCalls: ['parallel_tool_calls', { parallel_tool_calls: false }],
  frequencyPenalty: ['frequency_penalty', { frequency_penalty: 1 }],
  presencePenalty: ['presence_penalty', { presence_penalty: 1 }],
  tools: ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
  stop: ['stop', { stop: ['x'] }],
  logprobs: ['logprobs', { logprobs: true }],
  top_logprobs: ['top_logprobs', { top_logprobs: 2 }],
  logit_bias: ['logit_bias', { logit_bias: { '1': 1 } }],
  service_tier: ['service_tier', { service_tier: 'flex' }],
  store: ['store', { store: true }],
};

describe.each(COMPATIBLE_VENDORS)('$kind', (vendor) => {
  it('is called at its own address with its key', async () => {
    const sent = await capturing.chat(of(vendor.kind), {});
    expect(sent.url).toBe(`${vendor.baseUrl}/chat/completions`);
    expect(sent.headers['authorization']).toBe('Bearer key');
  });

  it('is called where models.yaml says', async () => {
    expect((await capturing.chat(of(vendor.kind), { baseUrl: 'https://x.example/v1/' })).url).toBe(
      'https://x.example/v1/chat/completions',
    );
  });

  it.each([...vendor.lacks.fields, ...vendor.lacks.names])('answers 400 to %s', async (name) => {
    const [param, body] = ASKS[name] ?? ['no such row', {}];
    await expect(capturing.chat(of(vendor.kind), {}, body)).rejects.toMatchObject({ param, httpStatus: 400 });
  });

  it('lets through what asks for nothing', async () => {
    const body = { n: 1, frequency_penalty: 0, logprobs: false, parallel_tool_calls: true };
    await expect(capturing.chat(of(vendor.kind), {}, body)).resolves.toBeDefined();
  });
});

it('leaves out the end user where the vendor rejects the field', async () => {
  expect((await capturing.chat(of('mistral'), {}, { user: 'u1' })).body).not.toHaveProperty('user');
  expect((await capturing.chat(of('groq'), {}, { user: 'u1' })).body['user']).toBe('u1');
});

it('has one provider a row, each kind once', () => {
  const transport = {
    send: async () => await Promise.reject(new Error('unused')),
    close: async () => await Promise.resolve(),
  };
  const kinds = compatibleProviders({ transport, clock: { now: () => 0, monotonic: () => 0 } }).map(
    (each) => each.kind,
  );
  expect(new Set(kinds).size).toBe(COMPATIBLE_VENDORS.length);
});
