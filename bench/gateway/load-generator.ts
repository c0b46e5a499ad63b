// One measurement: sends one kind of request to one target for a while, as fast as the target answers or at a fixed rate, and prints what
// it saw as one JSON line. Runs in a process of its own, pinned beside the mock upstream.
import { connect, type Socket } from 'node:net';
import { AnswerReader, NUMBER_MARK, requestBody, type BodyKind, type Load } from './wire.ts';

export interface LoadOrder {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly load: Load;
  readonly body?: BodyKind;
  readonly connections: number;
  /** Requests a second, spread evenly; 0: as fast as answers come. */
  readonly rate: number;
  readonly seconds: number;
  /** Seconds before counting starts. */
  readonly warmup: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const order = JSON.parse(process.argv[2] ?? '{}') as LoadOrder;
const body = requestBody(order.load, order.body);
const head = Object.entries({
  host: `127.0.0.1:${order.port}`,
  'content-type': 'application/json',
  'content-length': String(Buffer.byteLength(body)),
  ...order.headers,
})
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');
const request = Buffer.from(`POST ${order.path} HTTP/1.1\r\n${head}\r\n${body}`);
/** Where a request's number goes; -1: all are the same. */
const numberAt = order.body?.isNew === false ? -1 : request.indexOf(NUMBER_MARK);
let number = Date.now() % 1e12;

/** The next request's bytes, to be written before another is asked for. */
function nextRequest(): Buffer {
  if (numberAt === -1) return request;
  number += 1;
  request.write(String(number).padStart(NUMBER_MARK.length, '0'), numberAt, 'latin1');
  return request;
}

const latencies: number[] = [];
let failures = 0;
let counting = false;
let stopped = false;

/** One keep-alive connection; asks again by itself when the load is a closed loop. */
class Asker {
  #socket: Socket;
  #reader = new AnswerReader();
  /** When the request now open was due; null when idle. */
  #due: number | null = null;
  readonly #onIdle: (asker: Asker) => void;

  constructor(onIdle: (asker: Asker) => void) {
    this.#onIdle = onIdle;
    this.#socket = this.#connect();
  }

  ask(due: number): void {
    this.#due = due;
    this.#socket.write(nextRequest());
  }

  end(): void {
    this.#socket.destroy();
  }

  #connect(): Socket {
    const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (bytes: Buffer) => {
      if (this.#due !== null && this.#reader.take(bytes)) this.#done(this.#reader.status === 200);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (stopped) return;
      this.#reader = new AnswerReader();
      this.#socket = this.#connect();
      if (this.#due !== null) this.#done(false);
    });
    return socket;
  }

  #done(good: boolean): void {
    const due = this.#due ?? 0;
    this.#due = null;
    if (counting) {
      if (good) latencies.push(performance.now() - due);
      else failures += 1;
    }
    this.#onIdle(this);
  }
}

function closedLoop(): Asker[] {
  const askers = Array.from(
    { length: order.connections },
    () => new Asker((asker) => !stopped && asker.ask(performance.now())),
  );
  for (const asker of askers) asker.ask(performance.now());
  return askers;
}

/** Requests come due by the clock, whether or not answers came: waiting for a free connection counts as latency. */
function openLoop(): Asker[] {
  const idle: Asker[] = [];
  const waiting: number[] = [];
  const askers = Array.from({ length: order.connections }, () => {
    const asker = new Asker((free) => {
      const due = waiting.shift();
      if (due === undefined) idle.push(free);
      else free.ask(due);
    });
    idle.push(asker);
    return asker;
  });
  const started = performance.now();
  let sent = 0;
  const tick = (): void => {
    if (stopped) return;
    for (; started + (sent * 1000) / order.rate <= performance.now(); sent += 1) {
      const due = started + (sent * 1000) / order.rate;
      const asker = idle.pop();
      if (asker === undefined) waiting.push(due);
      else asker.ask(due);
    }
    setTimeout(tick, 1);
  };
  tick();
  return askers;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const askers = order.rate === 0 ? closedLoop() : openLoop();
await pause(order.warmup);
counting = true;
process.send?.('counting');
const from = performance.now();
await pause(order.seconds);
counting = false;
process.send?.('counted');
const elapsed = (performance.now() - from) / 1000;
stopped = true;
for (const asker of askers) asker.end();
latencies.sort((a, b) => a - b);
const result: LoadResult = {
  requests: latencies.length,
  failures,
  perSecond: latencies.length / elapsed,
  p50: quantile(latencies, 0.5),
  p99: quantile(latencies, 0.99),
};
process.send?.(result);
process.disconnect?.();
