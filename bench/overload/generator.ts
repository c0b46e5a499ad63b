// Offers requests at a rate (or as fast as answers come) over raw sockets, tells answered from shed, and asks for health all the while.
// A request's time runs from when its connection was free to send it: what the generator itself could not send in time is not counted. Nor
// is the first second, in which the generator's own code and connections warm up.
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { AnswerReader, requestBody } from '../gateway/wire.ts';

export interface OverloadOrder {
  readonly port: number;
  /** Requests a second; 0: each connection asks again as soon as it is answered. */
  readonly rate: number;
  readonly connections: number;
  readonly seconds: number;
}

interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

export interface OverloadResult {
  readonly offeredPerSecond: number;
  readonly acceptedPerSecond: number;
  readonly accepted: Times;
  readonly shedPerSecond: number;
  readonly shed: Times;
  /** Shed answers that did not say when to come back. */
  readonly withoutRetryAfter: number;
  readonly otherStatuses: Readonly<Record<string, number>>;
  readonly brokenConnections: number;
  readonly health: Times;
}

const order = JSON.parse(process.argv[2] ?? '{}') as OverloadOrder;
const body = requestBody('json-1.5k');
const bytes = Buffer.from(
  `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
);

const WARM_UP_MS = 1000;
const accepted: number[] = [];
const refused: number[] = [];
const health: number[] = [];
const others: Record<string, number> = {};
let offered = 0;
let withoutRetryAfter = 0;
let broken = 0;
let running = true;
let lateRequests = 0;

class Asker {
  readonly #free: (asker: Asker) => void;
  #socket: Socket;
  #reader = new AnswerReader();
  #from = 0;
  #head = '';

  constructor(free: (asker: Asker) => void) {
    this.#free = free;
    this.#socket = this.#connect();
  }

  ask(): void {
    if (this.#socket.destroyed) this.#socket = this.#connect();
    this.#from = performance.now();
    this.#head = '';
    offered += 1;
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.destroy();
  }

  /** Resolves once the first connection is there: what waits in the kernel for a listener to take it is not measured. */
  connected(): Promise<void> {
    if (!this.#socket.connecting) return Promise.resolve();
    return new Promise((resolve) => this.#socket.once('connect', () => resolve()));
  }

  #connect(): Socket {
    this.#reader = new AnswerReader();
    const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (piece) => {
      if (this.#head.length < 2000) this.#head += piece.toString('latin1', 0, 2000);
      if (this.#reader.take(piece)) this.#answered();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (!running || socket !== this.#socket) return;
      broken += 1;
      this.#free(this);
    });
    return socket;
  }

  #answered(): void {
    const milliseconds = performance.now() - this.#from;
    const { status } = this.#reader;
    if (status === 200) accepted.push(milliseconds);
    else if (status === 503 || status === 429) {
      refused.push(milliseconds);
      if (!/\r\nretry-after: \d/i.test(this.#head)) withoutRetryAfter += 1;
    } else others[status] = (others[status] ?? 0) + 1;
    if (running) this.#free(this);
  }
}

function times(list: number[]): Times {
  list.sort((a, b) => a - b);
  const at = (share: number): number => {
    const value = list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;
    return Math.round(value * 10) / 10;
  };
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

function statusOf(path: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port: order.port, path, agent }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    }).on('error', () => resolve(0));
  });
}

async function askHealth(): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  for (;;) {
    if (!running) return agent.destroy();
    const from = performance.now();
    const status = await statusOf('/healthz', agent);
    health.push(status === 200 ? performance.now() - from : 60_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Begins to count anew. */
function forget(): void {
  for (const list of [accepted, refused, health]) list.length = 0;
  for (const status of Object.keys(others)) delete others[status];
  offered = lateRequests = withoutRetryAfter = broken = 0;
}

const askers: Asker[] = [];
if (order.rate === 0) {
  for (let count = 0; count < order.connections; count += 1)
    askers.push(new Asker((asker) => setImmediate(() => running && asker.ask())));
  await Promise.all(askers.map((asker) => asker.connected()));
  for (const asker of askers) asker.ask();
} else {
  const idle: Asker[] = [];
  for (let count = 0; count < order.connections; count += 1)
    askers.push(new Asker((asker) => idle.push(asker)));
  await Promise.all(askers.map((asker) => asker.connected()));
  idle.push(...askers);
  const started = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    const until = ((performance.now() - started) / 1000) * order.rate;
    for (; due < until; due += 1) {
      const asker = idle.pop();
      if (asker === undefined) lateRequests += 1;
      else asker.ask();
    }
    if (!running) clearInterval(timer);
  }, 1);
}
const healthAsked = askHealth();
await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
forget();
await new Promise((resolve) => setTimeout(resolve, order.seconds * 1000));
running = false;
await healthAsked;
for (const asker of askers) asker.end();
const result: OverloadResult = {
  offeredPerSecond: Math.round((offered + lateRequests) / order.seconds),
  acceptedPerSecond: Math.round(accepted.length / order.seconds),
  accepted: times(accepted),
  shedPerSecond: Math.round(refused.length / order.seconds),
  shed: times(refused),
  withoutRetryAfter,
  otherStatuses: others,
  brokenConnections: broken,
  health: times(health),
};
process.send?.(result);
process.disconnect?.();
setTimeout(() => process.exit(0), 200);
