// What an OTLP receiver gets, decoded by the official protocol definition and held against the GenAI conventions; what failed comes again.
import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { EndRow, SpoolRow } from '../../contract/interaction.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { openLedger } from '../../storage/ledger/ledger-child.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { encodeFrame } from '../../storage/spool/frame.ts';
import { openSqliteState } from '../../storage/state/sql-state.ts';
import type { StateStore } from '../../storage/state/state.ts';
import { sampleBegin, sampleEnd } from '../../storage/testing/sample-rows.ts';
import type { BinnacleFile } from '../../workspace/schemas/binnacle.ts';
import { TelemetryExport } from './telemetry-export.ts';
import { readConnectionString } from './telemetry-sinks.ts';

/** Where scripts/install-services.sh puts the official messages. */
const PYTHON_PACKAGES = fileURLToPath(new URL('../../../node_modules/.cache/python', import.meta.url));
const NOW = Date.UTC(2026, 6, 1);

/** Attributes and their types as model/gen-ai/registry.yaml of open-telemetry/semantic-conventions-genai has them. */
const CONVENTIONS: Readonly<
  Record<string, 'stringValue' | 'intValue' | 'doubleValue' | 'boolValue' | 'arrayValue'>
> = {
  'gen_ai.operation.name': 'stringValue',
  'gen_ai.provider.name': 'stringValue',
  'gen_ai.request.model': 'stringValue',
  'gen_ai.request.stream': 'boolValue',
  'gen_ai.response.id': 'stringValue',
  'gen_ai.response.model': 'stringValue',
  'gen_ai.response.finish_reasons': 'arrayValue',
  'gen_ai.response.time_to_first_chunk': 'doubleValue',
  'gen_ai.usage.input_tokens': 'intValue',
  'gen_ai.usage.output_tokens': 'intValue',
  'gen_ai.usage.cache_read.input_tokens': 'intValue',
  'gen_ai.usage.cache_creation.input_tokens': 'intValue',
  'gen_ai.usage.reasoning.output_tokens': 'intValue',
  'gen_ai.conversation.id': 'stringValue',
  'gen_ai.prompt.name': 'stringValue',
  'gen_ai.token.type': 'stringValue',
  'gen_ai.evaluation.name': 'stringValue',
  'gen_ai.evaluation.score.value': 'doubleValue',
};
const received: { signal: string; body: Buffer; headers: Record<string, unknown> }[] = [];
let refusals = 0;
let partial = 0;
let folder: string;
let ledger: LedgerClient;
let state: StateStore;
let receiver: Server;
const clock = new ManualClock(NOW);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-otlp-'));
  ledger = await openLedger({ directory: join(folder, 'ledger'), logger: silentLogger });
  state = await openSqliteState({ path: join(folder, 'state.sqlite'), clock });
  receiver = createServer((request, response) => {
    void buffer(request).then((body) => {
      if (refusals > 0) {
        refusals -= 1;
        response.statusCode = 503;
      } else if (partial > 0) {
        partial -= 1;
        response.statusCode = 206;
        const errors = [
          { index: 0, statusCode: 429, message: 'later' },
          { index: 1, statusCode: 400, message: 'never' },
        ];
        received.push({ signal: 'part', body, headers: request.headers });
        response.write(JSON.stringify({ itemsReceived: 9, itemsAccepted: 7, errors }));
      } else received.push({ signal: (request.url ?? '').slice(4), body, headers: request.headers });
      response.end();
    });
  });
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await ledger.close();
  await state.close();
  receiver.closeAllConnections();
  await new Promise<unknown>((resolve) => receiver.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const IKEY = '00000000-0000-0000-0000-000000000001';
let toAzure = false;

function telemetryTo(endpoint: string): BinnacleFile['telemetry'] {
  if (toAzure) return { azure_monitor: { connection_string: '${AZURE}', allow_private: true } };
  return { otlp: { endpoint, headers: { 'X-Token': '${TOKEN}' }, allow_private: true } };
}

function exporter(): TelemetryExport {
  const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  return new TelemetryExport({
    ledger,
    documents: state.documents,
    clock,
    version: '9.9.9',
    settings: () => ({ telemetry: telemetryTo(endpoint), name: 'desk' }),
    resolve: (text) =>
      text
        .replace('${TOKEN}', 'secret-token')
        .replace('${AZURE}', `InstrumentationKey=${IKEY};IngestionEndpoint=${endpoint}/;ApplicationId=x`),
    kindOf: (provider) => (provider === 'replay' ? 'google' : provider),
  });
}

async function record(): Promise<EndRow> {
  const at = clock.now();
  const begin = sampleBegin(newId('int', at), at, { streamed: true, session: 'conversation-1' });
  const end = sampleEnd(begin, 10n ** 15n, 100, {});
  const [first] = end.attempts;
  if (first !== undefined)
    end.attempts.unshift({
      ...first,
      id: newId('att', at),
      error_kind: 'timeout',
      usage: null,
      cost_usd: '0',
    });
  const score: SpoolRow = {
    row: 'score',
    id: newId('scr', at),
    at,
    interaction: end.id,
    scorer: 'judge:helpfulness',
    score: 0.75,
    reason: 'a private reason',
    cost_usd: null,
  };
  await ledger.ingest({
    name: `a/${end.id}`,
    frames: Buffer.concat([encodeFrame(end), encodeFrame(score)]),
  });
  return end;
}

const attributeSchema = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.string(),
  attributes: z.array(attributeSchema),
});

function attributesOf(list: readonly z.output<typeof attributeSchema>[]): Record<string, unknown> {
  return Object.fromEntries(
    list.map(({ key, value }) => [
      key,
      'intValue' in value ? Number(value['intValue']) : Object.values(value)[0],
    ]),
  );
}

it('sends calls and scores by the conventions, once, again after a refusal, and no text', async ({
  skip,
}) => {
  const telemetry = exporter();
  await telemetry.send();
  expect(received).toEqual([]);
  clock.advance(1_000);
  const end = await record();
  clock.advance(15_000);
  refusals = 1;
  await expect(telemetry.send()).rejects.toThrow('503');
  await exporter().send();
  await exporter().send();
  expect(received.map(({ signal }) => signal)).toEqual(['traces', 'metrics', 'logs']);
  expect(received[0]?.headers).toMatchObject({
    'x-token': 'secret-token',
    'content-type': 'application/x-protobuf',
  });
  const script = fileURLToPath(new URL('decode-otlp.py', import.meta.url));
  const input = received.map(({ signal, body }) => `${signal} ${body.toString('base64')}\n`).join('');
  const env = { ...process.env, PYTHONPATH: PYTHON_PACKAGES };
  const decoded = spawnSync('python3', [script], { input, encoding: 'utf8', env });
  if (decoded.error !== undefined || decoded.status === 3)
    return skip('opentelemetry-proto for Python is not installed (scripts/install-services.sh)');
  expect(decoded.stderr).toBe('');
  expect(decoded.stdout).not.toContain('private reason');
  expect(decoded.stdout).not.toContain('return a parcel');
  const [traces, metrics, logs] = decoded.stdout.trim().split('\n') as [string, string, string];
  checkAttributes(traces, metrics, logs);
  checkTraces(traces, end);
  checkMetrics(metrics);
  checkLogs(logs, end);
});

/** Every attribute of the conventions is one of theirs, of its type. A whole number of the type double may come as an integer. */
function checkAttributes(...texts: readonly string[]): void {
  const found = texts.flatMap((text) => [
    ...text.matchAll(/\{"key": ?"(gen_ai\.[^"]+)", ?"value": ?\{"(\w+)"/g),
  ]);
  expect(found.length).toBeGreaterThan(20);
  for (const [, key = '', type] of found)
    expect(`${key} ${type}`).toBe(`${key} ${CONVENTIONS[key] ?? 'is not in the conventions'}`);
}

function checkTraces(text: string, end: EndRow): void {
  const request = z
    .object({
      resourceSpans: z
        .array(
          z.object({
            resource: z.object({ attributes: z.array(attributeSchema) }),
            scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })).length(1),
          }),
        )
        .length(1),
    })
    .parse(JSON.parse(text));
  const [{ resource, scopeSpans }] = request.resourceSpans as [(typeof request.resourceSpans)[number]];
  expect(attributesOf(resource.attributes)).toMatchObject({
    'service.name': 'binnacle',
    'service.version': '9.9.9',
  });
  const [whole, failed, answered] = scopeSpans[0]?.spans ?? [];
  expect(Buffer.from(whole?.traceId ?? '', 'base64').toString('hex')).toBe(end.id.slice(4));
  expect([whole?.kind, failed?.kind, answered?.kind]).toEqual([
    'SPAN_KIND_SERVER',
    'SPAN_KIND_CLIENT',
    'SPAN_KIND_CLIENT',
  ]);
  expect([failed?.parentSpanId, answered?.parentSpanId]).toEqual([whole?.spanId, whole?.spanId]);
  expect(answered?.name).toBe('chat small-2026');
  expect(attributesOf(answered?.attributes ?? [])).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'gcp.gemini',
    'gen_ai.request.model': 'small-2026',
    'gen_ai.response.model': 'small-2026',
    'gen_ai.request.stream': true,
    'gen_ai.response.time_to_first_chunk': 0.078,
    'gen_ai.conversation.id': 'conversation-1',
    'gen_ai.usage.input_tokens': 140,
    'gen_ai.usage.cache_read.input_tokens': 20,
    'gen_ai.usage.output_tokens': 80,
  });
  expect(attributesOf(failed?.attributes ?? [])).toMatchObject({ 'error.type': 'timeout' });
  expect(attributesOf(failed?.attributes ?? [])).not.toHaveProperty('gen_ai.usage.input_tokens');
}

function checkMetrics(text: string): void {
  const names = [...text.matchAll(/"name": ?"(gen_ai[^"]+)"/g)].map((match) => match[1]);
  expect(names).toEqual(['gen_ai.client.operation.duration', 'gen_ai.client.token.usage']);
  expect(text).toContain('AGGREGATION_TEMPORALITY_DELTA');
  expect(text).toMatch(/"unit": ?"s"/);
  expect(text).toContain('gen_ai.token.type');
}

function checkLogs(text: string, end: EndRow): void {
  const record = z.looseObject({
    eventName: z.string(),
    traceId: z.string(),
    attributes: z.array(attributeSchema),
  });
  const request = z
    .object({
      resourceLogs: z
        .array(
          z.object({ scopeLogs: z.array(z.object({ logRecords: z.array(record).length(1) })).length(1) }),
        )
        .length(1),
    })
    .parse(JSON.parse(text));
  const event = request.resourceLogs[0]?.scopeLogs[0]?.logRecords[0];
  expect(event?.eventName).toBe('gen_ai.evaluation.result');
  expect(event?.traceId).toBe(Buffer.from(end.id.slice(4), 'hex').toString('base64'));
  expect(attributesOf(event?.attributes ?? [])).toEqual({
    'gen_ai.evaluation.name': 'judge:helpfulness',
    'gen_ai.evaluation.score.value': 0.75,
    'gen_ai.response.id': end.id,
  });
}

const envelopeSchema = z.object({
  ver: z.literal(1),
  name: z.string(),
  time: z.iso.datetime(),
  iKey: z.literal(IKEY),
  tags: z.record(z.string(), z.string()),
  data: z.object({ baseType: z.string(), baseData: z.looseObject({ ver: z.literal(2) }) }),
});

it('sends the same to Azure Monitor by its connection string, and only what it asks for again', async () => {
  toAzure = true;
  received.length = 0;
  await exporter().send();
  clock.advance(1_000);
  const end = await record();
  clock.advance(15_000);
  refusals = 1;
  await expect(exporter().send()).rejects.toThrow('Azure Monitor answered 503');
  partial = 1;
  await exporter().send();
  await exporter().send();
  const batches = received.map(({ body }) =>
    z.array(envelopeSchema).parse(JSON.parse(body.toString('utf8'))),
  );
  const [calls = [], again = [], scores = []] = batches;
  expect(again).toEqual(calls.slice(0, 1));
  expect(batches).toHaveLength(3);
  const trace = end.id.slice(4);
  const [whole, failed, answered] = calls;
  expect(whole).toMatchObject({
    name: 'Microsoft.ApplicationInsights.Request',
    tags: { 'ai.operation.id': trace, 'ai.cloud.role': 'binnacle/desk' },
    data: {
      baseType: 'RequestData',
      baseData: { success: true, duration: '0.00:00:00.420', responseCode: '0' },
    },
  });
  const parent = { 'ai.operation.parentId': whole?.data.baseData['id'] };
  expect(failed).toMatchObject({
    tags: parent,
    data: { baseType: 'RemoteDependencyData', baseData: { success: false, resultCode: 'timeout' } },
  });
  expect(answered).toMatchObject({
    tags: parent,
    data: {
      baseData: {
        success: true,
        target: 'gcp.gemini',
        properties: { 'gen_ai.usage.input_tokens': '140', 'gen_ai.response.finish_reasons': '["stop"]' },
      },
    },
  });
  const metrics = calls.filter(({ data }) => data.baseType === 'MetricData');
  expect(metrics.map(({ data }) => data.baseData['metrics'])).toContainEqual([
    expect.objectContaining({ name: 'gen_ai.client.token.usage', kind: 'Aggregation', count: 1, value: 140 }),
  ]);
  expect(scores).toMatchObject([
    {
      tags: { 'ai.operation.id': trace },
      data: {
        baseType: 'EventData',
        baseData: {
          name: 'gen_ai.evaluation.result',
          measurements: { 'gen_ai.evaluation.score.value': 0.75 },
        },
      },
    },
  ]);
  expect(JSON.stringify(batches)).not.toMatch(/private reason|return a parcel/);
});

it('takes a connection string whole or not at all, and never shows it', () => {
  expect(readConnectionString('instrumentationkey=abc')).toEqual({
    iKey: 'abc',
    endpoint: 'https://dc.services.visualstudio.com',
  });
  for (const text of [
    '',
    'secret-part',
    'IngestionEndpoint=https://x.example',
    'InstrumentationKey=a;IngestionEndpoint=no',
  ])
    expect(() => readConnectionString(text)).toThrow(/^(?!.*secret-part).*copy it whole/);
});

it('goes on sending where the clock is set back by an hour', async () => {
  toAzure = false;
  const telemetry = exporter();
  await record();
  clock.advance(60_000);
  await telemetry.send();
  clock.jump(-3_600_000);
  await telemetry.send();
  clock.advance(5_000);
  await record();
  received.length = 0;
  for (let look = 0; look < 3; look += 1) {
    clock.advance(5_000);
    await telemetry.send();
  }
  expect(received.filter(({ signal }) => signal === 'traces')).toHaveLength(1);
});
