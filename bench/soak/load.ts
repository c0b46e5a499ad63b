// Steady requests over keep-alive connections: three in ten are streams, one in ten leaves in the middle of its answer, one in ten of
// the others asks a cached prompt.
import { Agent, request, type IncomingMessage } from 'node:http';
import { seededUniform } from '../../src/statistics/seeded.ts';
import { requestBody } from '../gateway/wire.ts';
import { SLOWLY } from './upstream.ts';

export interface SoakOrder {
  readonly port: number;
  readonly rate: number;
  readonly seed: number;
}

export interface SoakOutcomes {
  finished: number;
  left: number;
  /** Neither a whole 200 nor left on purpose. */
  failed: number;
}

const STREAMS = 0.3;
const LEAVING = 0.1;
const CACHED = 0.1;
/**
 * How long after it was sent off a client leaves a request that is not streamed: long enough for a gateway on a busy machine to have read it, since
 * what was never read is nowhere recorded; the vendor takes three times as long.
 */
const LEAVES_AFTER_MS = 400;
/** Pieces of a stream that a client takes before it leaves. */
const LEAVES_AFTER_PIECES = 3;

export class SoakLoad {
  readonly #order: SoakOrder;
  readonly #uniform: () => number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 200 });
  readonly #outcomes: SoakOutcomes = { finished: 0, left: 0, failed: 0 };
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  sent = 0;
  /** Most requests unanswered, and most connections open, at one moment. */
  mostAtOnce = 0;
  mostConnections = 0;

  constructor(order: SoakOrder) {
    this.#order = order;
    this.#uniform = seededUniform(order.seed);
  }

  start(): void {
    const began = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - began) / 1000) * this.#order.rate;
      while (this.sent < due) {
        this.sent += 1;
        const call = this.#call().finally(() => this.#running.delete(call));
        this.#running.add(call);
      }
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#running.size);
      this.mostConnections = Math.max(this.mostConnections, this.#connections());
    }, 5);
  }

  async stop(): Promise<SoakOutcomes> {
    clearInterval(this.#timer);
    await Promise.all(this.#running);
    this.#agent.destroy();
    return this.#outcomes;
  }

  #connections(): number {
    const { sockets, freeSockets } = this.#agent;
    return [...Object.values(sockets), ...Object.values(freeSockets)].reduce(
      (sum, some) => sum + (some?.length ?? 0),
      0,
    );
  }

  #body(isStream: boolean, isLeaving: boolean): string {
    if (!isLeaving && this.#uniform() < CACHED) {
      const question = `question ${Math.floor(this.#uniform() * 50)}`;
      return JSON.stringify({ stream: isStream, prompt: { id: 'cached', variables: { question } } });
    }
    const base = JSON.parse(requestBody(isStream ? 'stream-40' : 'json-1.5k')) as { messages: object[] };
    const messages = isLeaving ? [...base.messages, { role: 'user', content: SLOWLY }] : base.messages;
    return JSON.stringify({ ...base, messages, user: `user-${Math.floor(this.#uniform() * 2000)}` });
  }

  #call(): Promise<void> {
    const isStream = this.#uniform() < STREAMS;
    const isLeaving = this.#uniform() < LEAVING;
    const body = this.#body(isStream, isLeaving);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const where = { host: '127.0.0.1', port: this.#order.port, path: '/v1/chat/completions' };
    return new Promise((resolve) => {
      let isSettled = false;
      const settle = (outcome: keyof SoakOutcomes): void => {
        if (!isSettled) this.#outcomes[outcome] += 1;
        isSettled = true;
        resolve();
      };
      const asked = request({ ...where, method: 'POST', agent: this.#agent, headers }, (answer) =>
        this.#read(answer, isStream, isLeaving, settle),
      );
      asked.on('error', () => settle(isLeaving ? 'left' : 'failed'));
      asked.end(body);
      // A stream is left after some pieces, the others while the vendor is still at it.
      if (isLeaving && !isStream)
        asked.once('finish', () => setTimeout(() => asked.destroy(), LEAVES_AFTER_MS));
    });
  }

  #read(
    answer: IncomingMessage,
    isStream: boolean,
    isLeaving: boolean,
    settle: (outcome: keyof SoakOutcomes) => void,
  ): void {
    let text = '';
    let pieces = 0;
    answer.setEncoding('utf8');
    answer.on('data', (piece: string) => {
      text += piece;
      pieces += 1;
      if (isLeaving && isStream && pieces >= LEAVES_AFTER_PIECES) {
        answer.destroy();
        settle('left');
      }
    });
    answer.on('end', () => {
      const isWhole = answer.statusCode === 200 && (!isStream || text.includes('data: [DONE]'));
      settle(isWhole ? 'finished' : 'failed');
    });
    answer.on('error', () => settle(isLeaving ? 'left' : 'failed'));
  }
}
