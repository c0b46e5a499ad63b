// Connections to vendors: steady requests keep theirs, and those of a burst are closed once they are idle, whatever the vendor offers.
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Target } from './provider.ts';
import { UndiciTransport } from './transport.ts';

const BURST = 100;
const IDLE_MS = 1000;
const TARGET: Target = {
  provider: 'vendor',
  upstreamModel: 'one',
  baseUrl: '',
  headers: {},
  options: {},
  allowPrivate: true,
  timeouts: { connect: 2000, firstByte: 5000, idle: 5000, total: 10_000 },
};

/** A vendor that says (Node's server puts it into a header) for how long it keeps idle connections, and counts them. */
class Vendor {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  accepted = 0;
  /** Requests wait until so many are there. */
  holdsUntil = 0;
  #held: (() => void)[] = [];

  constructor(keepAliveMs: number) {
    this.#server = createServer((request, response) => {
      request.resume();
      this.#held.push(() => response.end('{}'));
      if (this.#held.length < this.holdsUntil) return;
      for (const answer of this.#held.splice(0)) answer();
    });
    this.#server.keepAliveTimeout = keepAliveMs;
    this.#server.on('connection', (socket) => {
      this.accepted += 1;
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
  }

  get open(): number {
    return this.#open.size;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function askedBy(transport: UndiciTransport, url: string): Promise<void> {
  const request = { url, headers: { 'content-type': 'application/json' }, body: '{}' };
  const answer = await transport.send(request, TARGET, new AbortController().signal);
  expect(await answer.text()).toBe('{}');
}

// Longer than the idle time: undici takes a vendor's word for up to ten minutes if it may.
test.each([600_000, 0])(
  'connections of a burst are closed when idle, those in use are kept (vendor keeps them %i ms)',
  { timeout: 15_000 },
  async (keepAliveMs) => {
    const vendor = new Vendor(keepAliveMs);
    const transport = new UndiciTransport({ idleMs: IDLE_MS });
    opened.push(transport, vendor);
    const url = await vendor.listen();
    vendor.holdsUntil = BURST;
    await Promise.all(Array.from({ length: BURST }, () => askedBy(transport, url)));
    expect(vendor.open).toBe(BURST);
    // undici takes connections back a turn after their answers.
    await pause(20);

    vendor.holdsUntil = 2;
    const until = performance.now() + 2.5 * IDLE_MS;
    while (performance.now() < until) {
      await Promise.all([askedBy(transport, url), askedBy(transport, url)]);
      await pause(50);
    }
    expect(vendor.open).toBe(2);
    expect(vendor.accepted, 'steady requests opened no other connection').toBe(BURST);

    await pause(1.5 * IDLE_MS);
    expect(vendor.open).toBe(0);
  },
);
