// The openai provider against a server on loopback that behaves as vendors do on bad days.
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CanonicalRequest, StreamChunk } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { openaiChatInbound } from '../../wire/openai-chat/inbound.ts';
import type { ProviderAnswer, Target, Timeouts } from '../provider.ts';
import { UndiciTransport } from '../transport.ts';
import { openaiProvider } from './openai.ts';

type Behaviour = (socket: Socket, request: string) => void;

const TIMEOUTS: Timeouts = { connect: 300, firstByte: 400, idle: 300, total: 900 };
const ANSWER =
  '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"héllo 🙂"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}';
const CHUNKS = [
  '{"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}',
  '{"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"hé"}}]}',
  '{"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"llo 🙂"}}]}',
  '{"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
  '{"id":"c","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}',
];
const STREAM = `${CHUNKS.map((chunk) => `data: ${chunk}\r\n\r\n`).join('')}data: [DONE]\n\n`;

let server: Server;
let behave: Behaviour;
const transport = new UndiciTransport();
const provider = openaiProvider({ transport, clock: new ManualClock(Date.UTC(2026, 0, 1)) });

beforeAll(async () => {
  server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    let request = '';
    socket.on('data', (bytes) => {
      request += bytes.toString();
      const head = request.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(request)?.[1] ?? 0);
      if (Buffer.byteLength(request.slice(head + 4)) < length) return;
      const whole = request;
      request = '';
      behave(socket, whole);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await transport.close();
  server.close();
});

function target(more: Partial<Target> = {}): Target {
  return {
    provider: 'vendor',
    upstreamModel: 'up',
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`,
    apiKey: 'sk-canary',
    headers: {},
    options: {},
    timeouts: TIMEOUTS,
    allowPrivate: true,
    ...more,
  };
}

function request(stream = false): CanonicalRequest {
  return openaiChatInbound.readRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stream });
}

function reply(status: number, body: string | Uint8Array, headers: Record<string, string> = {}): Behaviour {
  return (socket) => {
    const bytes = Buffer.from(body);
    const all = { 'content-type': 'application/json', 'content-length': String(bytes.length), ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} X\r\n${lines.join('')}\r\n`), bytes]));
  };
}

const SSE_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n';

async function chat(stream = false, more: Partial<Target> = {}): Promise<ProviderAnswer> {
  return provider.chat(request(stream), target(more), { signal: new AbortController().signal });
}

async function readText(answer: ProviderAnswer): Promise<string> {
  if (answer.kind === 'response')
    return (
      answer.response.choices[0]?.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? ''
    );
  const chunks: StreamChunk[] = [];
  for await (const batch of answer.chunks) chunks.push(...batch);
  return chunks
    .flatMap((chunk) => chunk.events)
    .map((event) => (event.type === 'text-delta' ? event.text : ''))
    .join('');
}

async function failure(stream = false, more: Partial<Target> = {}): Promise<UpstreamError> {
  try {
    await readText(await chat(stream, more));
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('a good day', () => {
  it('sends the key, the path and the model, and passes allow-listed headers on', async () => {
    let seen = '';
    behave = (socket, text) => {
      seen = text;
      reply(200, ANSWER, {
        'x-request-id': 'r1',
        'set-cookie': 'a=b',
        'x-ratelimit-remaining-requests': '9',
      })(socket, text);
    };
    const answer = await chat(false, { headers: { 'X-Team': 'a', Host: 'evil', 'Content-Length': '1' } });
    expect(seen).toMatch(/^POST \/v1\/chat\/completions HTTP\/1.1\r\nhost: 127/i);
    expect(seen).toMatch(/authorization: Bearer sk-canary\r\n/i);
    expect(seen).toMatch(/x-team: a\r\n/i);
    expect(seen).not.toMatch(/evil/);
    expect(seen).toContain('"model":"up"');
    expect(answer.head.headers).toEqual({ 'x-request-id': 'r1', 'x-ratelimit-remaining-requests': '9' });
    expect(await readText(answer)).toBe('héllo 🙂');
  });

  it('reads a stream sent byte by byte', async () => {
    behave = (socket) => {
      socket.write(SSE_HEAD);
      const bytes = Buffer.from(STREAM);
      let at = 0;
      const step = (): void => {
        if (at >= bytes.length) return void socket.end();
        socket.write(bytes.subarray(at, at + 1));
        at += 1;
        setImmediate(step);
      };
      step();
    };
    expect(await readText(await chat(true))).toBe('héllo 🙂');
  });

  it('takes a whole answer where it asked for a stream, and a compressed one', async () => {
    behave = reply(200, ANSWER);
    expect(await readText(await chat(true))).toBe('héllo 🙂');
    behave = reply(200, gzipSync(ANSWER), { 'content-encoding': 'gzip' });
    expect(await readText(await chat())).toBe('héllo 🙂');
  });

  it('frees the connection when the reader stops early or the caller aborts', async () => {
    let closed = 0;
    behave = (socket) => {
      socket.on('close', () => (closed += 1));
      socket.write(`${SSE_HEAD}data: ${CHUNKS[1]}\n\n`);
    };
    const answer = await chat(true);
    if (answer.kind !== 'stream') throw new Error('no stream');
    for await (const batch of answer.chunks) if (batch.length > 0) break;
    const controller = new AbortController();
    const aborted = await provider.chat(request(true), target(), { signal: controller.signal });
    const reading = readText(aborted);
    controller.abort();
    await expect(reading).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(() => closed).toBe(2);
  });
});

describe('a bad day', () => {
  it.each([
    [401, '{"error":{"message":"Incorrect API key provided: sk-canary"}}', 'authentication', 502],
    [400, '{"error":{"message":"bad","param":"temperature"}}', 'invalid_request', 400],
    [404, '{"error":{"message":"no model"}}', 'invalid_request', 404],
    [400, '{"error":{"message":"no","code":"content_filter"}}', 'content_filter', 400],
    [429, '{"error":{"message":"slow"}}', 'rate_limited', 429],
    [503, 'busy', 'overloaded', 503],
    [500, '', 'server_error', 502],
    [302, '', 'bad_answer', 502],
    [200, '<html>', 'bad_answer', 502],
    [200, '{"error":{"message":"x","type":"server_error"}}', 'server_error', 502],
  ])('%i %s is %s', async (status, body, kind, httpStatus) => {
    behave = reply(status, body);
    const error = await failure();
    expect(error).toMatchObject({ kind, httpStatus });
    expect(error.message).not.toContain('sk-canary');
  });

  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '1500' }, 2],
    [{ 'retry-after': 'soon' }, undefined],
  ])('reads %j', async (headers, seconds) => {
    behave = reply(429, '{}', headers);
    expect((await failure()).retryAfterSeconds).toBe(seconds);
  });

  it.each<[string, boolean, Behaviour, string, RegExp]>([
    ['silence', false, () => undefined, 'timeout', /first byte/],
    ['silence', true, () => undefined, 'timeout', /first byte/],
    ['a pause', true, (socket) => void socket.write(`${SSE_HEAD}data: ${CHUNKS[1]}\n\n`), 'timeout', /idle/],
    [
      'a trickle',
      true,
      (socket) => {
        socket.write(SSE_HEAD);
        const timer = setInterval(() => socket.write(': \n\n'), 50);
        socket.on('close', () => clearInterval(timer));
      },
      'timeout',
      /total/,
    ],
    ['a reset', false, (socket) => void socket.resetAndDestroy(), 'connect', /closed the connection/],
    ['a close', false, (socket) => void socket.end(), 'connect', /closed the connection/],
    ['garbage', false, (socket) => void socket.end('SSH-2.0-OpenSSH\r\n\r\n'), 'bad_answer', /not HTTP/],
    [
      'a short body',
      false,
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"id"'),
      'bad_answer',
      /broke its answer off/,
    ],
    [
      'a long body',
      false,
      (socket) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n${ANSWER}`),
      'bad_answer',
      /vendor/,
    ],
    [
      'a cut stream',
      true,
      (socket) => void socket.end(`${SSE_HEAD}data: ${CHUNKS[1]}\n\n`),
      'cut_stream',
      /cut/,
    ],
    [
      'a stream cut in an event',
      true,
      (socket) => void socket.end(`${SSE_HEAD}data: ${CHUNKS[1]?.slice(0, 40)}`),
      'cut_stream',
      /cut/,
    ],
    ['an empty stream', true, (socket) => void socket.end(SSE_HEAD), 'cut_stream', /cut/],
    [
      'a reset stream',
      true,
      (socket) => {
        socket.write(`${SSE_HEAD}data: ${CHUNKS[1]}\n\n`);
        setTimeout(() => socket.resetAndDestroy(), 50);
      },
      'cut_stream',
      /cut/,
    ],
    [
      'a stream with an error inside',
      true,
      (socket) =>
        void socket.end(`${SSE_HEAD}data: {"error":{"message":"m","code":"rate_limit_exceeded"}}\n\n`),
      'rate_limited',
      /inside/,
    ],
    ['a broken gzip', false, reply(200, 'no gzip', { 'content-encoding': 'gzip' }), 'bad_answer', /decoded/],
    ['an unknown coding', false, reply(200, 'x', { 'content-encoding': 'lzma' }), 'bad_answer', /lzma/],
    [
      'a decompression bomb',
      false,
      reply(200, gzipSync(Buffer.alloc(80 * 1024 * 1024)), { 'content-encoding': 'gzip' }),
      'bad_answer',
      /decompressed/,
    ],
  ])('%s (stream: %s)', async (_name, stream, behaviour, kind, message) => {
    behave = behaviour;
    const error = await failure(stream);
    expect({ kind: error.kind, message: error.message }).toEqual({
      kind,
      message: expect.stringMatching(message),
    });
  });

  it('says that a configured header is not valid, without its value', async () => {
    const error = await failure(false, { headers: { 'x-team': 'a\r\nhost: evil' } });
    expect(error.message).toMatch(/no valid request/);
    expect(error.message).not.toContain('evil');
  });

  it('refuses private addresses unless they are allowed, and other schemes', async () => {
    behave = reply(200, ANSWER);
    const { port } = server.address() as AddressInfo;
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', '[::ffff:127.0.0.1]']) {
      const error = await failure(false, { allowPrivate: false, baseUrl: `http://${host}:${port}/v1` });
      expect(error.kind).toBe('connect');
      expect(error.message).toMatch(/private or reserved/);
    }
    await expect(chat(false, { baseUrl: 'file:///etc/passwd' })).rejects.toThrow(/http or https/);
    expect((await failure(false, { baseUrl: 'http://127.0.0.1:1/v1' })).kind).toBe('connect');
  });
});
