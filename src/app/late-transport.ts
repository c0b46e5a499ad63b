// The transport to vendors, loaded with the first call or soon after the start, whichever comes first: a gateway answers before it.
import type { Transport, TransportAnswer, TransportRequest } from '../providers/transport.ts';
import type { Target } from '../providers/provider.ts';

export class LateTransport implements Transport {
  #loaded: Promise<Transport> | null = null;
  #transport: Transport | null = null;

  /** Loads it now; a call that comes meanwhile waits. */
  load(): Promise<Transport> {
    this.#loaded ??= import('../providers/transport.ts').then(
      ({ UndiciTransport }) => (this.#transport = new UndiciTransport()),
    );
    return this.#loaded;
  }

  async send(request: TransportRequest, target: Target, signal: AbortSignal): Promise<TransportAnswer> {
    return (this.#transport ?? (await this.load())).send(request, target, signal);
  }

  async close(): Promise<void> {
    await (await this.#loaded)?.close();
  }
}
