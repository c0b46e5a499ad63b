// A whole gateway for tests: real server, real spool in a scratch folder, real OpenAI provider against the mock upstream.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeGateway, type GatewayParts } from '../../src/app/compose-gateway.ts';
import { gatewayProviders, gatewayShapes } from '../../src/app/gateway-tables.ts';
import type { KeySnapshot, LimitRule, Snapshot } from '../../src/contract/snapshot.ts';
import type { BeginRow, EndRow, SpoolRow } from '../../src/contract/interaction.ts';
import { prepareSnapshot } from '../../src/gateway/serving-snapshot.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { DEFAULT_ADMISSION } from '../../src/limits/admission.ts';
import { hashApiKey } from '../../src/limits/api-key.ts';
import { sampleVersion } from '../../src/prompts/testing/sample-version.ts';
import { UndiciTransport } from '../../src/providers/transport.ts';
import { frameRows } from '../../src/storage/spool/frame.ts';
import { openSpool, type Spool } from '../../src/storage/spool/spool.ts';
import { startMockUpstream, type MockUpstream } from './mock-upstream.ts';

const PRICE = { input: '1', output: '2', cache_read: '0.5' };
const MODELS = [
  'replayed',
  'unmetered',
  'small',
  'large',
  'limited',
  'broken',
  'garbage',
  'lying',
  'silent',
  'cut',
  'half',
  'slow',
  'long',
];

const SUPPORT = sampleVersion({ parameters: { temperature: 0.7, max_tokens: 500 } });

/** A key of the secret `secret` that may do all. */
export const scratchKey = (name: string, changes: Partial<KeySnapshot> = {}): KeySnapshot => ({
  id: `key_${name}`,
  name,
  hash: hashApiKey(name, 'secret'),
  expiresAt: null,
  prompts: [],
  models: [],
  routes: [],
  roles: [],
  ...changes,
});

/** A limit of keys that limits nothing yet. */
export const scratchLimit = (changes: Partial<LimitRule>): LimitRule => ({
  name: 'limit',
  subject: 'key',
  of: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrent: null,
  ...changes,
});

export function scratchSnapshot(baseUrl: string, changes: Partial<Snapshot> = {}): Snapshot {
  const timeouts = { connect: 500, firstByte: 500, idle: 500, total: 20_000 };
  const mock = {
    kind: 'openai',
    baseUrl,
    apiKey: null,
    headers: {},
    options: {},
    allowPrivate: true,
    timeouts,
    simulated: false,
  };
  return {
    version: 'v1',
    compiledAt: 1_700_000_000_000,
    workspace: { name: 'test', commit: null },
    prompts: {
      'customer-support': {
        versions: {
          '3.2': SUPPORT,
          '3.1': { ...SUPPORT, version: '3.1', promptId: 'customer-support-v3.1', digest: 'e'.repeat(64) },
        },
        labels: { production: '3.2', staging: '3.1' },
      },
    },
    providers: {
      mock,
      // For crowds: on a busy machine the last of hundreds at once waits longer than half a second.
      patient: { ...mock, timeouts: { connect: 15_000, firstByte: 15_000, idle: 15_000, total: 20_000 } },
      recorded: {
        kind: 'replay',
        baseUrl: 'http://replay.invalid',
        apiKey: null,
        headers: {},
        options: { file: 'recording.jsonl' },
        allowPrivate: false,
        timeouts,
        simulated: true,
      },
    },
    models: Object.fromEntries(
      MODELS.map((name) => [
        name,
        {
          deployments: [
            { provider: name === 'replayed' ? 'recorded' : 'mock', upstreamModel: name, weight: 1 },
          ],
          balance: 'weighted',
          fallbacks: [],
          moderated: false,
          tags: [],
          contextWindow: null,
          maxOutputTokens: null,
          prices: [
            {
              effectiveFrom: null,
              rates: PRICE,
              tiers: [],
              perRequest: null,
              perHour: null,
              batchFactor: null,
              source: 'workspace',
            },
          ],
        },
      ]),
    ),
    routing: [
      { name: 'short', when: { charactersBelow: 50, wordsBelow: 10 }, model: 'small' },
      { name: 'else', when: {}, model: 'large' },
    ],
    guardrails: {},
    keys: [],
    limits: [],
    budgets: [],
    privacy: { payloads: 'full' },
    durability: 'durable',
    capacity: null,
    ...changes,
  };
}

export interface ScratchGateway extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly upstream: MockUpstream;
  readonly spool: Spool;
  /** The workspace folder: recordings are looked up in it. */
  readonly folder: string;
  /** All rows recorded so far. */
  rows(): Promise<SpoolRow[]>;
  ends(): Promise<EndRow[]>;
  begins(): Promise<BeginRow[]>;
  close(grace: number): Promise<void>;
}

async function readRows(spool: Spool): Promise<SpoolRow[]> {
  const rows: SpoolRow[] = [];
  for (const range of await spool.ranges(Number.MAX_SAFE_INTEGER)) {
    rows.push(...frameRows(await spool.read(range)).rows);
  }
  return rows;
}

export async function startScratchGateway(
  changes: Partial<Snapshot> = {},
  parts: Partial<GatewayParts> = {},
): Promise<ScratchGateway> {
  const upstream = await startMockUpstream();
  const folder = await mkdtemp(join(tmpdir(), 'binnacle-gateway-'));
  const spool = await openSpool({
    directory: join(folder, 'spool'),
    durability: 'process',
    clock: systemClock,
    logger: silentLogger,
  });
  const snapshot = prepareSnapshot(scratchSnapshot(upstream.baseUrl, changes), (text) => ({
    text,
    missing: [],
  }));
  const transport = new UndiciTransport();
  const server = await composeGateway({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    logger: silentLogger,
    spool,
    currentSnapshot: () => snapshot,
    providers: gatewayProviders({ transport, clock: systemClock, workspaceFolder: folder }),
    shapes: gatewayShapes(),
    assignVersion: () => undefined,
    detectLanguage: () => '',
    keySecret: () => 'secret',
    random: () => 0,
    health: () => ({}),
    // A test machine is busy with other things.
    admission: { ...DEFAULT_ADMISSION, targetDelayMs: 60_000 },
    ...parts,
  });
  const rows = (): Promise<SpoolRow[]> => readRows(spool);
  return {
    url: server.url,
    port: server.port,
    upstream,
    spool,
    folder,
    rows,
    ends: async () => (await rows()).filter((row) => row.row === 'end'),
    begins: async () => (await rows()).filter((row) => row.row === 'begin'),
    close: (grace) => server.close(grace),
    async [Symbol.asyncDispose]() {
      await server.close(0);
      await transport.close();
      await upstream.close();
      await spool.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
