// What a request is told that is not let in: in the shape of its endpoint, each time the same, with when to come back; and its connection
// goes on.
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

interface Told {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly type: string | undefined;
  readonly text: string;
  readonly socket: number | undefined;
}

let gateway: ScratchGateway;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  // A thousandth of a request a second: the first is let in, none of the others.
  gateway = await startScratchGateway({ capacity: 0.001 });
  await send('/v1/chat/completions', '{"model":"small","messages":[{"role":"user","content":"hi"}]}');
});
afterAll(async () => {
  agent.destroy();
  await gateway[Symbol.asyncDispose]();
});

function send(path: string, body: string): Promise<Told> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(`${gateway.url}${path}`, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      const socket = asked.socket?.localPort;
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          retryAfter: answer.headers['retry-after'],
          type: answer.headers['content-type'],
          text,
          socket,
        }),
      );
    });
    asked.on('error', reject).end(body);
  });
}

it.each([
  ['/v1/chat/completions', { error: { code: 'over_capacity', type: 'server_error', param: null } }],
  ['/v1/responses', { error: { code: 'over_capacity', type: 'server_error', param: null } }],
  ['/v1/embeddings', { error: { code: 'over_capacity', type: 'server_error', param: null } }],
  ['/v1/messages', { type: 'error', error: { type: 'overloaded_error' } }],
])('%s refuses in its own shape, again and again over one connection', async (path, shape) => {
  const before = gateway.upstream.requests.length;
  const first = await send(path, JSON.stringify({ model: 'small', text: 'x'.repeat(50_000) }));
  expect(first).toMatchObject({ status: 503, retryAfter: '1', type: 'application/json' });
  expect(JSON.parse(first.text)).toMatchObject(shape);
  expect(first.text).toContain('gateway.capacity');
  for (let turn = 0; turn < 5; turn += 1) expect(await send(path, '{}')).toEqual(first);
  expect(gateway.upstream.requests.length).toBe(before);
});

it('a body too large to be read away ends the connection with the same answer', async () => {
  const small = await send('/v1/chat/completions', '{}');
  const large = await send('/v1/chat/completions', ' '.repeat(300_000));
  expect(large).toMatchObject({ status: 503, retryAfter: '1', text: small.text });
  expect((await send('/v1/chat/completions', '{}')).socket).not.toBe(large.socket);
});
