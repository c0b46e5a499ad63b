// The simulated vendor of the benchmark: answers at once with prepared bytes over raw sockets, so that it costs next to nothing beside the
// target. A stream's events are written one by one, each in a turn of its own.
import { createServer, type Socket } from 'node:net';
import { anthropicAnswerBody, anthropicStreamEvents, answerBody, streamEvents } from './wire.ts';

function whole(body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-request-id: req_bench\r\n\r\n${body}`,
  );
}

interface Answers {
  readonly small: Buffer;
  readonly big: Buffer;
  readonly events: readonly Buffer[];
}

const chunked = (events: readonly string[]): Buffer[] =>
  events.map((event) => Buffer.from(`${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`));

const OPENAI: Answers = {
  small: whole(answerBody(1500)),
  big: whole(answerBody(20_000)),
  events: chunked(streamEvents()),
};
const ANTHROPIC: Answers = {
  small: whole(anthropicAnswerBody(1500)),
  big: whole(anthropicAnswerBody(20_000)),
  events: chunked(anthropicStreamEvents()),
};
const STREAM_HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
);
const LAST = Buffer.from('0\r\n\r\n');

function stream(socket: Socket, events: readonly Buffer[]): void {
  socket.write(STREAM_HEAD);
  let next = 0;
  const step = (): void => {
    if (socket.destroyed) return;
    const event = events[next];
    next += 1;
    if (event === undefined) return void socket.write(LAST);
    socket.write(event);
    setImmediate(step);
  };
  step();
}

/** Requests of one connection, one after another. */
class Connection {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  constructor(socket: Socket) {
    this.#socket = socket;
  }

  take(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#pending.toString('latin1', 0, end);
    const length = /content-length: *(\d+)/i.exec(head)?.[1];
    const isChunked = length === undefined && /transfer-encoding: *chunked/i.test(head);
    const body = this.#pending.length - end - 4;
    if (isChunked ? !this.#pending.subarray(-5).equals(LAST) : body < Number(length ?? 0)) return;
    const isStream = this.#pending.includes('"stream":true');
    this.#pending = Buffer.alloc(0);
    const answers = head.startsWith('POST /v1/messages') ? ANTHROPIC : OPENAI;
    if (isStream) stream(this.#socket, answers.events);
    else this.#socket.write(body > 10_000 ? answers.big : answers.small);
  }
}

const server = createServer({ noDelay: true }, (socket) => {
  const connection = new Connection(socket);
  socket.on('data', (bytes) => connection.take(bytes));
  socket.on('error', () => socket.destroy());
});
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 }, () =>
  process.send?.('ready'),
);
process.on('disconnect', () => process.exit(0));
