// Malformed and foreign request heads as raw bytes, with the status that must refuse each, and a client that sends bytes as they are.
import { connect } from 'node:net';

const PATH = '/v1/chat/completions';
const body = '{"model":"small","messages":[]}';
const length = `Content-Length: ${body.length}\r\n`;
/** What it is called, its bytes, and the status that refuses it. */
export const HOSTILE_HEADS: readonly (readonly [string, string, number])[] = [
  [
    'two Host headers',
    `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n${length}\r\n${body}`,
    400,
  ],
  ['no Host', `POST ${PATH} HTTP/1.1\r\n${length}\r\n${body}`, 400],
  ['bare LF', `POST ${PATH} HTTP/1.1\nHost: localhost\n${length.replace('\r', '')}\n${body}`, 400],
  ['bare LF in one header', `POST ${PATH} HTTP/1.1\r\nHost: localhost\nX: y\r\n${length}\r\n${body}`, 400],
  ['HTTP/0.9', `POST ${PATH}\n\n`, 400],
  ['HTTP/0.9 with CR LF', `GET /healthz\r\n\r\n`, 400],
  [
    'a bad Content-Length',
    `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1x\r\n\r\n${body}`,
    400,
  ],
  [
    'a negative Content-Length',
    `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n${body}`,
    400,
  ],
  [
    'two Content-Lengths',
    `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\n${length}Content-Length: 1\r\n\r\n${body}`,
    400,
  ],
  [
    'length and chunks',
    `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\n${length}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['a space before the colon', `GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n`, 400],
  ['a folded header', `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n`, 400],
  ['a foreign Host', 'GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n', 403],
  ['a Host that only looks local', 'GET /healthz HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n', 403],
  [
    'a foreign Origin',
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n',
    403,
  ],
  ['a huge header', `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`, 431],
  ['too many headers', `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(200)}\r\n`, 431],
  ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000', 400],
];

/** Sends raw bytes and returns all that comes back until the other side closes or nothing comes for a moment. */
export function sendRaw(text: string, port: number, quietMs = 300): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(quietMs, () => socket.destroy());
    socket.on('data', (bytes) => (answer += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}
