// A TCP proxy with faults between gateway and upstream, after Shopify's toxiproxy: down, latency, bandwidth, slow close, reset, slicer, limit.
// Faults can be changed while it runs; they are of the upstream's bytes on their way to the gateway.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Faults {
  /** Connections are refused (the listener is closed). */
  readonly down?: boolean;
  /** Milliseconds before each piece is passed on. */
  readonly latencyMs?: number;
  /** Bytes a second. */
  readonly bandwidth?: number;
  /** Milliseconds between the upstream's end and ours. */
  readonly slowCloseMs?: number;
  /** Resets the connection (RST) once so many bytes were passed on. */
  readonly resetAfter?: number;
  /** Ends our side orderly (FIN) once so many bytes were passed on, whatever was promised. */
  readonly limitBytes?: number;
  /** Passes bytes on in pieces of this size. */
  readonly sliceBytes?: number;
  /** Takes requests and never passes an answer on. */
  readonly blackHole?: boolean;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export class FaultProxy {
  readonly #target: number;
  #faults: Faults = {};
  #server: Server | null = null;
  #port = 0;
  readonly #open = new Set<Socket>();
  /** Connections taken so far. */
  connections = 0;

  constructor(target: number) {
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    await this.#listen(0);
  }

  /** Changes the faults; open connections are cut, so that the next call meets the new ones. */
  async set(faults: Faults): Promise<void> {
    this.#faults = faults;
    for (const socket of this.#open) socket.destroy();
    if (faults.down === true) await this.#close();
    else if (this.#server === null) await this.#listen(this.#port);
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await this.#close();
  }

  async #listen(port: number): Promise<void> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#take(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async #close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #take(client: Socket): void {
    this.connections += 1;
    const upstream = connect({ port: this.#target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      this.#open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#open.delete(socket));
    }
    client.on('data', (bytes) => upstream.write(bytes));
    client.on('close', () => upstream.destroy());
    client.on('end', () => upstream.end());
    void this.#passOn(upstream, client);
  }

  async #passOn(upstream: Socket, client: Socket): Promise<void> {
    const faults = this.#faults;
    let passed = 0;
    try {
      for await (const bytes of upstream as AsyncIterable<Buffer>) {
        if (faults.blackHole === true) continue;
        if (faults.latencyMs !== undefined) await pause(faults.latencyMs);
        const size = faults.sliceBytes ?? bytes.length;
        for (let start = 0; start < bytes.length; start += size) {
          const most = Math.min(faults.resetAfter ?? Infinity, faults.limitBytes ?? Infinity) - passed;
          const piece = bytes.subarray(start, Math.min(start + size, start + Math.max(0, most)));
          if (faults.bandwidth !== undefined) await pause((piece.length / faults.bandwidth) * 1000);
          else if (faults.sliceBytes !== undefined && start % 64 === 0)
            await new Promise((resolve) => setImmediate(resolve));
          if (client.destroyed) return;
          client.write(piece);
          passed += piece.length;
          if (passed >= (faults.resetAfter ?? Infinity)) {
            await pause(10);
            return void client.resetAndDestroy();
          }
          if (passed >= (faults.limitBytes ?? Infinity)) return void client.end();
        }
      }
    } catch {
      client.destroy();
      return;
    }
    if (faults.slowCloseMs !== undefined) await pause(faults.slowCloseMs);
    client.end();
  }
}
