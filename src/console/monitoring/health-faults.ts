// Faults of Binnacle itself, from the console's own health and from what its gateway says of itself.
import { request } from 'undici';
import { z } from 'zod';
import type { Health } from '../../contract/api.ts';
import type { Fault } from './own-health.ts';

const LAG_MS = 20_000;
/** A spool below this is the ordinary way of rows. */
const SMALL_SPOOL_BYTES = 64 * 1024;
const PATIENCE_MS = 3_000;
/** A job that waited for the ledger ends soon after it is back. */
const WEDGED_HELD_MS = 5_000;

/** What in the console's health is a fault of its own; a workspace that does not compile is its owner's. */
export function faultsOfConsole(health: Health): Fault[] {
  const faults: Fault[] = [];
  if (health.ledger.state === 'down')
    faults.push({
      name: 'ledger is down',
      text: 'The ledger does not answer; gateways keep what they record.',
    });
  const lag = health.spool.lag_ms ?? 0;
  if (lag > LAG_MS)
    faults.push({
      name: 'spool is not taken',
      text: `What gateways push has not been in the ledger for ${Math.round(lag / 1000)} s.`,
    });
  // Jobs that wait for the ledger are no faults of their own.
  if (health.ledger.state === 'down') return faults;
  for (const { name, state, error, running_ms } of health.workers) {
    if (state === 'wedged')
      faults.push({
        name: `job ${name} is wedged`,
        text: `It has been running for ${Math.round((running_ms ?? 0) / 1000)} s. Restart binnacle if it stays.`,
        heldMs: WEDGED_HELD_MS,
      });
    if (state === 'failed') faults.push({ name: `job ${name} fails`, text: error });
  }
  return faults;
}

const gatewaySchema = z.looseObject({
  spool: z.looseObject({ writable: z.boolean(), unacknowledgedBytes: z.number() }),
});

/** Asks the gateway from time to time; knows whether its spool gets no smaller. */
export class GatewayWatch {
  readonly #url: string;
  #bytes = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async faults(): Promise<Fault[]> {
    try {
      const answer = await request(`${this.#url}/healthz`, {
        headersTimeout: PATIENCE_MS,
        bodyTimeout: PATIENCE_MS,
      });
      const { spool } = gatewaySchema.parse(await answer.body.json());
      const before = this.#bytes;
      this.#bytes = spool.unacknowledgedBytes;
      if (!spool.writable)
        return [
          { name: 'spool is not writable', text: 'The gateway can not record: look for room on its disk.' },
        ];
      if (spool.unacknowledgedBytes <= SMALL_SPOOL_BYTES || spool.unacknowledgedBytes < before) return [];
      const text = `${spool.unacknowledgedBytes} bytes are recorded and not in the ledger, and they do not get fewer.`;
      return [{ name: 'spool grows', text }];
    } catch {
      return [{ name: 'gateway does not answer', text: `${this.#url}/healthz does not answer within 3 s.` }];
    }
  }
}
