// An upstream whose answers go wrong as the model's name says; the raw socket is written, so that no server library mends them.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'm',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'one two three four' },
      finish_reason: 'stop',
      logprobs: null,
    },
  ],
  usage: { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 },
});

function head(status: string, headers: readonly string[]): string {
  return `HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n`;
}

function whole(status: string, body: string, headers: readonly string[] = []): string {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return head(status, ['content-type: application/json', length, ...headers]) + body;
}

function error(status: string, headers: readonly string[] = []): string {
  return whole(
    status,
    JSON.stringify({ error: { message: 'no', type: 'x', code: null, param: null } }),
    headers,
  );
}

function event(delta: object, finish: string | null = null): string {
  const chunk = {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

const framed = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const STREAM_HEAD = head('200 OK', ['content-type: text/event-stream', 'transfer-encoding: chunked']);
const ROLE = event({ role: 'assistant', content: '' });
const WORDS = ['one ', 'two ', 'three ', 'four'].map((content) => event({ content }));
const USAGE =
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14}}\n\n';
const STREAM_END = [event({}, 'stop'), USAGE, 'data: [DONE]\n\n'];

/** What each model does. */
const FAULTS: Readonly<Record<string, (socket: Socket, stream: boolean) => void>> = {
  fine: (socket, stream) => {
    if (!stream) return void socket.write(whole('200 OK', ANSWER));
    socket.write(STREAM_HEAD);
    for (const text of [ROLE, ...WORDS, ...STREAM_END]) socket.write(framed(text));
    socket.write('0\r\n\r\n');
  },
  'error-500': (socket) => socket.write(error('500 Internal Server Error')),
  'error-503': (socket) => socket.write(error('503 Service Unavailable')),
  'limited-after': (socket) => socket.write(error('429 Too Many Requests', ['retry-after: 2'])),
  limited: (socket) => socket.write(error('429 Too Many Requests')),
  'hang-before': () => undefined,
  'hang-after': (socket, stream) =>
    socket.write(
      stream ? STREAM_HEAD : head('200 OK', ['content-type: application/json', 'content-length: 500']),
    ),
  'hang-inside': (socket) => socket.write(STREAM_HEAD + framed(ROLE) + framed(WORDS[0] ?? '')),
  'half-close': (socket, stream) => {
    if (stream) socket.end(STREAM_HEAD + framed(ROLE + (WORDS[0] ?? '')));
    else
      socket.end(
        head('200 OK', ['content-type: application/json', 'content-length: 500']) + ANSWER.slice(0, 60),
      );
  },
  'cut-cleanly': (socket) => {
    // A proxy in between that ends the chunked body as if all were well.
    socket.write(STREAM_HEAD + framed(ROLE + (WORDS[0] ?? '')) + '0\r\n\r\n');
  },
  reset: (socket, stream) => {
    socket.write(
      stream ? STREAM_HEAD + framed(ROLE + (WORDS[0] ?? '')) : head('200 OK', ['content-length: 500']),
    );
    setTimeout(() => socket.resetAndDestroy(), 20);
  },
  garbage: (socket, stream) =>
    socket.write(
      stream ? STREAM_HEAD + framed('data: {"choices": [\n\n') + '0\r\n\r\n' : whole('200 OK', '{"id": '),
    ),
  lying: (socket, stream) => {
    const body = JSON.stringify({ error: { message: 'really an error', type: 'server_error', code: 'x' } });
    socket.write(stream ? STREAM_HEAD + framed(`data: ${body}\n\n`) + '0\r\n\r\n' : whole('200 OK', body));
  },
  'too-long': (socket) =>
    socket.end(
      head('200 OK', ['content-type: application/json', `content-length: ${ANSWER.length + 9}`]) + ANSWER,
    ),
  'too-short': (socket) =>
    socket.write(
      head('200 OK', ['content-type: application/json', `content-length: ${ANSWER.length - 9}`]) + ANSWER,
    ),
  'no-http': (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
};

export interface FaultyUpstream {
  readonly port: number;
  /** Requests received. */
  calls(): number;
  /** Of them, for a model. */
  callsOf(model: string): number;
  close(): Promise<void>;
}

export async function startFaultyUpstream(): Promise<FaultyUpstream> {
  const counts = new Map<string, number>();
  let calls = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    let pending = '';
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1');
      const end = pending.indexOf('\r\n\r\n');
      const length = Number(/content-length: *(\d+)/i.exec(pending)?.[1] ?? 0);
      if (end === -1 || pending.length < end + 4 + length) return;
      const body = pending.slice(end + 4);
      pending = '';
      const model = /"model":"([^"]+)"/.exec(body)?.[1] ?? '';
      calls += 1;
      counts.set(model, (counts.get(model) ?? 0) + 1);
      (FAULTS[model] ?? FAULTS['fine'])?.(socket, body.includes('"stream":true'));
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    calls: () => calls,
    callsOf: (model) => counts.get(model) ?? 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
