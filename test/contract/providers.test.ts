// One contract for every provider and every shape: real client library → our reading of its request → provider → a server that speaks the
// vendor's documented format → back. Each cell is a yes, or the parameter the vendor can't do, named in a 400. No cell is empty.
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { anthropicProvider } from '../../src/providers/anthropic/anthropic.ts';
import { azureProvider } from '../../src/providers/azure/azure.ts';
import { compatibleProvider } from '../../src/providers/compatible/compatible.ts';
import { COMPATIBLE_VENDORS } from '../../src/providers/compatible/vendors.ts';
import { googleProvider } from '../../src/providers/google/google.ts';
import { localProvider } from '../../src/providers/local/local.ts';
import { openaiProvider } from '../../src/providers/openai/openai.ts';
import type { Provider, Target } from '../../src/providers/provider.ts';
import { UndiciTransport } from '../../src/providers/transport.ts';
import { anthropicMessagesInbound } from '../../src/wire/anthropic-messages/inbound.ts';
import { openaiChatInbound } from '../../src/wire/openai-chat/inbound.ts';
import { openaiResponsesInbound } from '../../src/wire/openai-responses/inbound.ts';
import { AI_FEATURES, aiClients } from './ai-sdk-clients.ts';
import type { Client, Feature, Seen } from './clients.ts';
import { FEATURES, anthropicClient, openaiClient, responsesClient } from './clients.ts';
import type { Route, Vendor } from './servers.ts';
import { addressOf, translatorServer, vendorServer } from './servers.ts';
import type { Scenario } from './vendor-answers.ts';
import {
  ARGUMENTS,
  IMAGE_TEXT,
  SCHEMA_TEXT,
  TEXT,
  THOUGHT,
  TOOL_TEXT,
  anthropicReply,
  chatReply,
  googleReply,
} from './vendor-answers.ts';

const parts = { transport: new UndiciTransport(), clock: systemClock };
const TIMEOUTS = { connect: 2000, firstByte: 5000, idle: 5000, total: 10_000 };

interface Row {
  readonly name: string;
  readonly provider: Provider;
  readonly vendor: Vendor;
  readonly upstreamModel: string;
  /** What follows the vendor's address in base_url. */
  readonly path: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly reportsThoughts?: boolean;
}

const chat =
  (...rejects: string[]): Vendor =>
  (scenario, request) =>
    chatReply(scenario, request, rejects);

/** Fields that a vendor is documented to reject, which its server here rejects too. */
const REJECTS: Readonly<Record<string, readonly string[]>> = {
  mistral: ['stream_options', 'user', 'seed'],
  groq: ['logit_bias', 'top_k'],
};

const row = (name: string, provider: Provider, more: Partial<Row> = {}): Row => ({
  name,
  provider,
  vendor: chat(),
  upstreamModel: 'vendor-model',
  path: '/v1',
  ...more,
});

const ROWS: readonly Row[] = [
  row('openai', openaiProvider(parts)),
  row('azure (v1)', azureProvider(parts), { path: '' }),
  row('azure (deployment)', azureProvider(parts), { path: '', options: { api_version: '2024-10-21' } }),
  row('anthropic', anthropicProvider(parts), {
    vendor: anthropicReply,
    path: '',
    upstreamModel: 'claude-sonnet-5',
  }),
  row('google', googleProvider(parts), {
    vendor: googleReply,
    path: '/v1beta',
    upstreamModel: 'gemini-3-pro-preview',
  }),
  ...['vllm', 'ollama', 'llama.cpp'].map((server) =>
    row(`local (${server})`, localProvider(parts), { options: { server } }),
  ),
  ...COMPATIBLE_VENDORS.map((vendor) =>
    row(vendor.kind, compatibleProvider(vendor, parts), { vendor: chat(...(REJECTS[vendor.kind] ?? [])) }),
  ),
];

const SHAPES = [
  ['chat completions', 'openai-chat'],
  ['messages', 'anthropic-messages'],
  ['responses', 'openai-responses'],
] as const;

const SCENARIOS: Readonly<Record<Feature, Scenario>> = {
  chat: 'chat',
  stream: 'chat',
  tools: 'tools',
  'json schema': 'json-schema',
  image: 'image',
  reasoning: 'reasoning',
  error: 'error',
  'cut stream': 'cut',
  'missing usage': 'no-usage',
};

/** The parameters vendors can't do, by provider, feature and shape; everything else must be a yes. */
const CANNOT: Readonly<
  Record<string, Readonly<Partial<Record<Feature, readonly [string, string, string]>>>>
> = {
  deepseek: { 'json schema': ['response_format', 'output_config.format', 'text.format'] },
  perplexity: { tools: ['tools', 'tools', 'tools'] },
};

type Library = 'own' | 'ai';

let vendors: Server;
let gateway: Server;
/** One a shape, by library. */
let clients: Readonly<Record<Library, readonly Client[]>>;
const cells = new Map<string, string>();
const targets = new Map<string, Target>();

beforeAll(async () => {
  vendors = await vendorServer(Object.fromEntries(ROWS.map((each, index) => [`v${index}`, each.vendor])));
  const routes = new Map<string, Route>();
  ROWS.forEach((each, index) => {
    const target: Target = {
      provider: each.name,
      upstreamModel: each.upstreamModel,
      baseUrl: `${addressOf(vendors)}/v${index}${each.path}`,
      apiKey: 'key',
      headers: {},
      options: each.options ?? {},
      timeouts: TIMEOUTS,
      allowPrivate: true,
    };
    targets.set(each.name, target);
    routes.set(each.name, { provider: each.provider, target });
  });
  gateway = await translatorServer(
    {
      '/v1/chat/completions': openaiChatInbound,
      '/v1/messages': anthropicMessagesInbound,
      '/v1/responses': openaiResponsesInbound,
    },
    routes,
  );
  const address = addressOf(gateway);
  const own = [openaiClient, anthropicClient, responsesClient].map((make) => make(address));
  clients = { own, ai: aiClients(address) };
});

afterAll(async () => {
  await parts.transport.close();
  gateway.closeAllConnections();
  gateway.close();
  vendors.closeAllConnections();
  vendors.close();
});

/** Usage as the client's API counts it: OpenAI's input includes what was cached. */
function expectUsage(seen: Seen, shape: number, reasoning: number): void {
  expect(seen.usage).toEqual({ input: shape === 1 ? 10 : 12, cached: 2, output: 5 + reasoning });
}

const EXPECTED_TEXT: Partial<Record<Feature, string>> = {
  tools: '',
  'json schema': SCHEMA_TEXT,
  image: IMAGE_TEXT,
};

function expectSeen(feature: Feature, seen: Seen, shape: number): void {
  expect(seen.text).toBe(EXPECTED_TEXT[feature] ?? TEXT);
  if (feature === 'tools') {
    expect(seen.calls.map(({ name }) => name)).toEqual(['weather']);
    expect(JSON.parse(seen.calls[0]?.arguments ?? '')).toEqual(JSON.parse(ARGUMENTS));
    expect(seen.second).toBe(TOOL_TEXT);
  }
  if (feature === 'reasoning') expect(seen.thought).toBe(THOUGHT);
  if (feature !== 'missing usage') expectUsage(seen, shape, feature === 'reasoning' ? 3 : 0);
  else if (shape !== 1) expect(seen.usage).toBeUndefined();
}

async function cell(library: Library, each: Row, feature: Feature, shape: number): Promise<string> {
  const client = clients[library][shape] as Client;
  const headers = { 'x-route': each.name, 'x-scenario': SCENARIOS[feature] };
  let seen: Seen;
  try {
    seen = await client.ask(feature, headers);
  } catch (error) {
    const refusal = client.refusal(error);
    if (feature === 'cut stream') {
      // An explicit error event, not a connection that merely ends.
      expect(String(error)).toMatch(/cut|before/);
      return 'yes';
    }
    if (refusal === undefined) throw error;
    if (feature === 'error') {
      expect(refusal).toMatchObject({ status: 429, retryAfter: '7', type: 'rate_limit_error' });
      return 'yes';
    }
    expect(refusal.status, String(error)).toBe(400);
    return `can't: ${refusal.param}`;
  }
  expect(feature, 'an error must reach the client').not.toMatch(/error|cut/);
  expectSeen(feature, seen, shape);
  return 'yes';
}

describe.each(ROWS)('$name', (each) => {
  it.each(SHAPES.flatMap(([shape], index) => FEATURES.map((feature) => ({ shape, index, feature }))))(
    '$shape: $feature',
    async ({ shape, index, feature }) => {
      const result = await cell('own', each, feature, index);
      const param = CANNOT[each.name]?.[feature]?.[index];
      expect(result).toBe(param === undefined ? 'yes' : `can't: ${param}`);
      cells.set(`${shape}|${each.name}|${feature}`, result);
    },
  );

  it.each(SHAPES.flatMap(([shape], index) => AI_FEATURES.map((feature) => ({ shape, index, feature }))))(
    "$shape: $feature, through Vercel's ai",
    async ({ index, feature }) => {
      const param = CANNOT[each.name]?.[feature]?.[index];
      expect(await cell('ai', each, feature, index)).toBe(param === undefined ? 'yes' : `can't: ${param}`);
    },
  );

  it('embeddings', async () => {
    const { provider } = each;
    const context = { signal: new AbortController().signal };
    if (provider.embed === undefined) {
      cells.set(`embeddings|${each.name}`, 'has none');
      return;
    }
    const target = { ...(targets.get(each.name) as Target), headers: { 'x-scenario': 'embeddings' } };
    const answer = await provider.embed({ inputs: ['a', 'b'] }, target, context);
    expect(answer.vectors).toEqual([
      [0, 0.5],
      [1, 0.5],
    ]);
    expect(answer.usage?.usage.input ?? null).toBe(each.name === 'google' ? null : 4);
    cells.set(`embeddings|${each.name}`, 'yes');
  });
});

it('leaves no cell of the table empty', async () => {
  const table = SHAPES.map(([shape]) =>
    [
      `## ${shape} in`,
      '',
      `| provider | ${FEATURES.join(' | ')} | embeddings |`,
      `|---|${FEATURES.map(() => '---|').join('')}---|`,
      ...ROWS.map(({ name }) => {
        const results = FEATURES.map((feature) => cells.get(`${shape}|${name}|${feature}`));
        return `| ${name} | ${[...results, cells.get(`embeddings|${name}`)].join(' | ')} |`;
      }),
      '',
    ].join('\n'),
  ).join('\n');
  expect(table).not.toContain('|  |');
  const head =
    "# Providers, shapes and features\n\nWritten by `test/contract/providers.test.ts`, which runs every cell with the official client libraries (chat, stream, tools, json schema, image and error with\nVercel's `ai` too) against servers that speak the vendors' documented formats (not the vendors themselves). \"can't\" is a 400 that names the parameter. Whether one model of a vendor takes images or thinks is the\nmodel's matter: the vendor's own 400 is passed on.\n\n";
  await expect(head + table).toMatchFileSnapshot('../../docs/provider-features.md');
});
