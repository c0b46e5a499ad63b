// What strangers may send: every body of a JSON torture corpus, malformed heads over raw sockets, bombs, and slow senders. Nothing of it
// may answer 5xx, crash the gateway or stall its event loop.
import { existsSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type GatewayServer } from '../../src/gateway/server.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { openaiChatInbound } from '../../src/wire/openai-chat/inbound.ts';
import { HOSTILE_HEADS, sendRaw } from './hostile-heads.ts';
import { startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

const CORPUS = '../shared/data/hostile.jsonl';
const PATH = '/v1/chat/completions';

let gateway: ScratchGateway;
beforeAll(async () => {
  gateway = await startScratchGateway();
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = PATH,
): Promise<Response> {
  return fetch(`${gateway.url}${path}`, { method: 'POST', body, headers });
}

interface Row {
  readonly corpus: string;
  readonly name: string;
  readonly base64: string;
}

describe('bodies', () => {
  const rows = existsSync(CORPUS)
    ? readFileSync(CORPUS, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Row)
        .filter((row) => row.corpus === 'json')
    : [];

  it.skipIf(rows.length === 0)(
    'of the torture corpus are answered with 4xx, as a body and inside a message',
    async () => {
      const wrong: string[] = [];
      for (const row of rows) {
        const bytes = Buffer.from(row.base64, 'base64');
        const inside = Buffer.concat([Buffer.from('{"model":"small","messages":'), bytes, Buffer.from('}')]);
        for (const body of [bytes, inside]) {
          for (const path of [PATH, '/v1/embeddings', '/v1/feedback']) {
            const { status } = await post(new Uint8Array(body), {}, path);
            if (status < 400 || status >= 500) wrong.push(`${row.name} ${path} ${status}`);
          }
        }
      }
      expect(rows.length).toBeGreaterThan(100);
      expect(wrong).toEqual([]);
    },
  );

  it.each([
    ['100k nesting', '['.repeat(100_000) + ']'.repeat(100_000), 400],
    ['nested messages', `{"model":"small","messages":[${'{"role":"user","content":['.repeat(1000)}`, 400],
    ['a dense list', `{"model":"small","messages":[${'1,'.repeat(900_000)}1]}`, 413],
    ['a prototype key', '{"__proto__":{"model":"small"},"messages":[]}', 400],
    ['a wrong type', '{"model":7,"messages":"x"}', 400],
    ['nothing', '', 400],
    ['null', 'null', 400],
  ])('%s: 4xx', async (_, body, status) => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const response = await post(body);
    delay.disable();
    expect(response.status).toBe(status);
    expect(((await response.json()) as { error: { message: string } }).error.message).not.toBe('');
    expect(delay.max / 1e6).toBeLessThan(300);
  });

  it('over the bound are refused before and after decompression', async () => {
    const bomb = Buffer.alloc(64 * 1024 * 1024, 0x20);
    expect((await post(new Uint8Array(gzipSync(bomb)), { 'content-encoding': 'gzip' })).status).toBe(413);
    expect((await post(new Uint8Array(zstdCompressSync(bomb)), { 'content-encoding': 'zstd' })).status).toBe(
      413,
    );
    expect((await post(new Uint8Array(10), { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await post(new Uint8Array(10), { 'content-encoding': 'compress' })).status).toBe(415);
    expect(
      await sendRaw(
        `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n`,
        gateway.port,
      ),
    ).toMatch(/^HTTP\/1\.1 413 /);
    const good = JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'x' }] });
    expect((await post(new Uint8Array(gzipSync(good)), { 'content-encoding': 'gzip' })).status).toBe(200);
  });
});

describe('heads', () => {
  it.each(HOSTILE_HEADS)('with %s are refused', async (_, text, status) => {
    expect((await sendRaw(text, gateway.port)).slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
  });

  it('that are good are answered on a kept connection, without CORS', async () => {
    const one = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://localhost:3000\r\n\r\n';
    const answer = await sendRaw(one + one, gateway.port);
    expect(answer.split('HTTP/1.1 200').length).toBe(3);
    expect(answer.toLowerCase()).not.toContain('access-control');
  });

  it('name the nearest path, and the method', async () => {
    const unknown = await fetch(`${gateway.url}/v1/chat/completion`, { method: 'POST' });
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain('/v1/chat/completions');
    const method = await fetch(`${gateway.url}${PATH}`);
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('slow senders', () => {
  let server: GatewayServer;
  beforeAll(async () => {
    server = await startServer({
      host: '127.0.0.1',
      port: 0,
      endpoints: [],
      errors: openaiChatInbound,
      logger: silentLogger,
      headTimeout: 200,
      requestTimeout: 400,
    });
  });
  afterAll(async () => server.close(0));

  it('of a head are cut off with 408', async () => {
    expect(await sendRaw('POST / HTTP/1.1\r\nHost: loc', server.port, 4000)).toMatch(/^HTTP\/1\.1 408 /);
  });
});

it('is still well after all of this', async () => {
  const health = (await (await fetch(`${gateway.url}/healthz`)).json()) as { status: string };
  expect(health.status).toBe('ok');
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain('binnacle_gateway_answers_total');
});
