// The console as a whole over a real workspace, state and ledger: what gateways push is found again, exactly, and nothing is given to
// whom it is not meant for.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CostReport, InteractionDetail, InteractionPage } from '../contract/api.ts';
import { ManualClock } from '../kernel/clock.ts';
import { formatUsd } from '../kernel/money.ts';
import { encodeFrame, SEGMENT_MAGIC } from '../storage/spool/frame.ts';
import { sampleBegin, sampleEnd, sampleFeedback } from '../storage/testing/sample-rows.ts';
import type { ComposedConsole } from './compose-console.ts';
import { composeScratchConsole } from './testing/scratch-console.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 2, 10, 12);
const GATEWAY = `gw_${'1'.repeat(32)}`;
const ids = Array.from(
  { length: 30 },
  (_, index) => `int_${(START + index).toString(16).padStart(12, '0')}${'a'.repeat(20)}`,
);
const admin = { authorization: 'Bearer the-admin-token', host: '127.0.0.1:7071' };
const internal = { authorization: 'Bearer the-internal-token' };

let folder: string;
let composed: ComposedConsole;

function pushed(segment: string, frames: Buffer): Promise<{ statusCode: number; json: () => unknown }> {
  const to = SEGMENT_MAGIC.length + frames.length;
  return composed.app.inject({
    method: 'POST',
    url: `/internal/spool?gateway=${GATEWAY}&segment=seg_${segment}&from=${SEGMENT_MAGIC.length}&to=${to}&sealed=0`,
    headers: { ...internal, 'content-type': 'application/octet-stream' },
    payload: frames,
  });
}

async function get<Body>(
  url: string,
  headers: Record<string, string> = { host: 'localhost:7071' },
): Promise<Body> {
  const answer = await composed.app.inject({ method: 'GET', url, headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Body>();
}

function framesOf(): Buffer {
  const rows = ids.map((id, index) =>
    sampleEnd(
      sampleBegin(id, START + Math.floor(index / 10) * DAY, {
        model: index % 2 === 0 ? 'small' : 'large',
        end_user: index === 0 ? '=cmd|calc' : `user-${index % 3}`,
        version: index % 3 === 0 ? '3.1' : '3.2',
      }),
      BigInt(index) + 10n ** 15n,
      200,
      index === 7
        ? { status: 'error', http_status: 502, error_kind: 'api_error', cost_usd: null, usage: null }
        : {},
    ),
  );
  const late = sampleFeedback(`fbk_${'2'.repeat(32)}`, ids[0] as string, START + 5000);
  return Buffer.concat([...rows, late].map((row) => encodeFrame(row)));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-console-'));
  writeFileSync(join(folder, 'binnacle.yaml'), 'name: test-desk\n');
  composed = await composeScratchConsole(folder, new ManualClock(START + 2.4 * DAY));
  // The store may take a while to start on a busy machine; what is pushed before is refused retryably.
  await vi.waitUntil(() => composed.ledger.health().state === 'ready', { timeout: 40_000 });
  const answer = await pushed('1'.repeat(32), framesOf());
  expect(answer.statusCode).toBe(200);
  // The same range once more changes nothing.
  expect((await pushed('1'.repeat(32), framesOf())).json()).toEqual(answer.json());
});

afterAll(async () => {
  await composed.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('interactions', () => {
  it('come newest first, page by page, each once', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: InteractionPage = await get(
        `/api/interactions?limit=7&cursor=${cursor}`.replace(/&cursor=$/, ''),
      );
      seen.push(...page.interactions.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(ids.toReversed());
  });
  it.each([
    ['model=large', 15],
    ['version=3.1&prompt=customer-support', 10],
    ['status=error', 1],
    ['user=user-1', 10],
    ['key=key_sample', 30],
    ['key=nobody', 0],
    ['from=2026-03-11&to=2026-03-12', 10],
    ['from=today', 10],
    ['text=RETURN+a+parcel', 30],
    ['text=no+such+words', 0],
  ])('narrowed by %s: %d', async (filter, count) => {
    expect((await get<InteractionPage>(`/api/interactions?limit=100&${filter}`)).interactions).toHaveLength(
      count,
    );
  });
  it('one has its attempts, tokens, feedback and exact cost', async () => {
    const detail = await get<InteractionDetail>(`/api/interactions/${ids[0]}`);
    expect(detail).toMatchObject({
      usage: { input: 120, cache_read: 20, cache_write: 0, output: 80, reasoning: 0 },
      cost_usd: '0.001',
      attempts: [{ cost_usd: '0.001', usage_source: 'reported', started_at: START + 2 }],
      feedback: [{ thumb: 'down', rating: 2, labels: ['bias'] }],
      guardrail_scores: { toxicity: 0.01 },
    });
    expect(JSON.parse(detail.request_payload)).toHaveLength(1);
  });
  it.each([
    ['/api/interactions/int_none', 404, 'unknown_interaction'],
    ['/api/interactions?cursor=abc', 400, 'bad_cursor'],
    ['/api/interactions?from=yesterday', 400, 'bad_time'],
    ['/api/interactions?limit=5000', 400, 'bad_request'],
    ['/api/interactions?status=fine', 400, 'bad_request'],
    ['/api/cost/report?time_zone=Mars', 400, 'bad_time_zone'],
    ['/api/nothing', 404, 'not_found'],
  ])('%s is %d %s', async (url, status, code) => {
    const answer = await composed.app.inject({ method: 'GET', url, headers: { host: 'localhost' } });
    expect([answer.statusCode, answer.json<{ error: { code: string } }>().error.code]).toEqual([
      status,
      code,
    ]);
  });
});

describe('cost', () => {
  const total = formatUsd(
    ids.reduce((sum, _, index) => (index === 7 ? sum : sum + BigInt(index) + 10n ** 15n), 0n),
  );
  it.each(['day', 'model', 'prompt', 'version', 'user', 'key'])(
    'by %s sums to the last digit',
    async (by) => {
      const report = await get<CostReport>(`/api/cost/report?by=${by}&from=2026-03-01`);
      expect(report.total).toMatchObject({ requests: 30, unpriced_requests: 1, cost_usd: total });
      expect(report.lines.reduce((sum, line) => sum + line.requests, 0)).toBe(30);
    },
  );
  it('cuts days by the zone asked for', async () => {
    const utc = await get<CostReport>('/api/cost/report?by=day&from=2026-03-01');
    expect(utc.lines.map(({ group }) => group)).toEqual(['2026-03-10', '2026-03-11', '2026-03-12']);
    const kiritimati = await get<CostReport>(
      '/api/cost/report?by=day&from=2026-03-01&time_zone=Pacific/Kiritimati',
    );
    expect(kiritimati.lines.map(({ group }) => group)).toEqual(['2026-03-11', '2026-03-12', '2026-03-13']);
  });
  it('today is the day of the clock', async () => {
    const { total: today } = await get<{ total: { requests: number } }>('/api/cost/today');
    expect(today.requests).toBe(10);
  });
});

describe('files out and in', () => {
  it('jsonl comes back as it went: nothing is taken twice', async () => {
    const out = await composed.app.inject({ method: 'GET', url: '/api/export/interactions', headers: admin });
    expect(out.body.trim().split('\n')).toHaveLength(30);
    const again = await composed.app.inject({
      method: 'POST',
      url: '/api/import/interactions',
      headers: { ...admin, 'content-type': 'application/x-ndjson' },
      payload: out.body,
    });
    expect(again.json()).toEqual({ accepted: 0, duplicates: 30, rejected: [] });
  });
  it('takes lines of its own once, and names what it can not take', async () => {
    const lines = [
      '{"at":"2026-01-05T10:00:00Z","model":"old-model","cost_usd":"0.5"}',
      '{"at":"2026-01-05T10:00:00Z","model":"old-model","cost_usd":"-1"}',
      'not json',
      '{"at":"2026-01-05T10:00:00Z"}',
    ].join('\n');
    const send = async (): Promise<unknown> =>
      (
        await composed.app.inject({
          method: 'POST',
          url: '/api/import/interactions?first_index=100',
          headers: { ...admin, 'content-type': 'application/x-ndjson' },
          payload: lines,
        })
      ).json();
    expect(await send()).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 101, error: expect.stringContaining('cost_usd') as string },
        { index: 102 },
        { index: 103, error: expect.stringContaining('model') as string },
      ],
    });
    expect(await send()).toMatchObject({ accepted: 0, duplicates: 1 });
    const page = await get<InteractionPage>('/api/interactions?model=old-model');
    expect(page.interactions).toMatchObject([{ at: '2026-01-05T10:00:00.000Z', cost_usd: '0.5' }]);
  });
  it('csv holds no formula', async () => {
    const out = await composed.app.inject({
      method: 'GET',
      url: '/api/export/interactions?format=csv&from=2026-03-01',
      headers: admin,
    });
    expect(out.body.split('\r\n')).toHaveLength(32);
    expect(out.body).toContain(`"'=cmd|calc"`);
    expect(out.body).not.toMatch(/(^|,)"?=cmd/m);
  });
  it('parquet is read by another reader, money as text', async () => {
    const out = await composed.app.inject({
      method: 'GET',
      url: '/api/export/interactions?format=parquet&from=2026-03-01',
      headers: admin,
    });
    const bytes = out.rawPayload;
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    });
    expect(rows).toHaveLength(30);
    expect(rows.at(-1)).toMatchObject({
      id: ids[0],
      cost_usd: '0.001',
      input_tokens: 120n,
      at: new Date(START),
    });
  });
});

describe('gateways', () => {
  it('get the snapshot with its checksum, and 304 when they have it', async () => {
    const first = await composed.app.inject({ method: 'GET', url: '/internal/snapshot', headers: internal });
    expect(first.headers['x-binnacle-checksum']).toBe(
      createHash('sha256').update(first.rawPayload).digest('hex'),
    );
    expect(first.json()).toMatchObject({ workspace: { name: 'test-desk' } });
    const etag = String(first.headers.etag);
    const second = await composed.app.inject({
      method: 'GET',
      url: '/internal/snapshot',
      headers: { ...internal, 'if-none-match': etag },
    });
    expect(second.statusCode).toBe(304);
  });
  it('damaged bytes are refused', async () => {
    const frames = framesOf();
    frames[frames.length - 3] = 0;
    expect((await pushed('3'.repeat(32), frames)).statusCode).toBe(400);
  });
});

describe('access', () => {
  it.each([
    ['a foreign name (DNS rebinding)', { host: 'evil.example:7071' }, 421],
    ['a foreign page', { host: 'localhost:7071', origin: 'https://evil.example' }, 403],
    [
      'a cross-site fetch',
      { host: 'localhost:7071', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      403,
    ],
    ['a proxy without a token', { host: 'localhost:7071', 'x-forwarded-for': '10.0.0.1' }, 401],
    ['a wrong token', { host: 'localhost:7071', authorization: 'Bearer x' }, 401],
    [
      'the page itself',
      { host: 'localhost:7071', origin: 'http://localhost:7071', 'sec-fetch-site': 'same-origin' },
      200,
    ],
  ])('%s', async (_name, headers, status) => {
    const answer = await composed.app.inject({ method: 'GET', url: '/api/interactions', headers });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
  it('another machine gets nothing, whatever it says', async () => {
    for (const path of ['/', '/api/interactions', '/healthz'])
      expect(
        (await composed.app.inject({ method: 'GET', url: path, headers: admin, remoteAddress: '10.1.2.3' }))
          .statusCode,
      ).toBe(403);
  });
  it('writes and internal paths need their token', async () => {
    const write = await composed.app.inject({
      method: 'POST',
      url: '/api/import/interactions',
      headers: { host: 'localhost', 'content-type': 'application/x-ndjson' },
      payload: '{}',
    });
    expect(write.statusCode).toBe(401);
    for (const headers of [{}, admin])
      expect(
        (await composed.app.inject({ method: 'GET', url: '/internal/snapshot', headers })).statusCode,
      ).toBe(401);
  });
});

it('describes every route of the API in OpenAPI, and none of the internal ones', async () => {
  const document = await get<{ paths: Record<string, Record<string, { responses: object }>> }>(
    '/api/openapi.json',
  );
  for (const path of [
    '/api/interactions',
    '/api/interactions/{id}',
    '/api/cost/report',
    '/api/prompts',
    '/healthz',
  ])
    expect(Object.keys(document.paths[path]?.['get']?.responses ?? {}), path).toContain('200');
  expect(Object.keys(document.paths).filter((path) => path.startsWith('/internal'))).toEqual([]);
});

it('serves the page under a policy that lets nothing foreign in', async () => {
  const page = await composed.app.inject({ method: 'GET', url: '/', headers: { host: 'localhost:7071' } });
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.body).not.toMatch(/(src|href)="https?:/);
});

it('tells its health', async () => {
  expect(await get('/healthz')).toMatchObject({ ledger: { state: 'ready' }, spool: { lag_ms: 0 } });
  expect(await get('/readyz')).toEqual({ ready: true });
});

it('keeps an audit chain of what was done', async () => {
  expect(await get('/api/audit/verify', admin)).toMatchObject({ sound: true });
  const entries = await composed.app.inject({ method: 'GET', url: '/api/audit/entries', headers: admin });
  expect(entries.body).toContain('interactions.import');
});
