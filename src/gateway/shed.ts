// What a request is told that is not let in: when to come back, at once, before its body is read.
import type { IncomingMessage } from 'node:http';
import { BinnacleError } from '../kernel/errors.ts';
import type { Admission, Verdict } from '../limits/admission.ts';
import type { InboundShape } from '../wire/shape.ts';
import { sendError } from './error-reply.ts';
import type { Reply } from './reply.ts';

/** A body up to this is read away, so that its connection can go on; a larger one ends it. */
const READ_AWAY_BYTES = 256 * 1024;

type Refusal = Verdict & { readonly admitted: false };

const REASONS: Readonly<Record<Refusal['reason'], string>> = {
  capacity: 'More requests arrive than this gateway is configured to take (gateway.capacity).',
  saturated: 'The gateway is saturated.',
  bytes: 'The requests in flight hold as many bytes as this gateway may.',
  in_flight: 'As many requests are in flight as this gateway may hold.',
};

export function overloaded({ reason, retryAfterSeconds }: Refusal): BinnacleError {
  return new BinnacleError({
    code: reason === 'capacity' ? 'over_capacity' : 'overloaded',
    message: `${REASONS[reason]} Try again after ${retryAfterSeconds} s.`,
    httpStatus: 503,
    isRetryable: true,
    retryAfterSeconds,
  });
}

/** Answers a request that is not let in. */
export function shed(
  incoming: IncomingMessage,
  reply: Reply,
  shape: Pick<InboundShape, 'writeError'>,
  refusal: Refusal,
): void {
  const error = overloaded(refusal);
  const length = Number(incoming.headers['content-length'] ?? Infinity);
  if (!(length <= READ_AWAY_BYTES)) throw error;
  incoming.resume();
  sendError(reply, shape, error);
}

/** Runs `work` with the bytes of a body held. Throws 503 where there is no room for them. */
export async function holdingBytes(
  admission: Admission,
  bytes: number,
  work: () => Promise<void>,
): Promise<void> {
  const verdict = admission.hold(bytes);
  if (!verdict.admitted) throw overloaded(verdict);
  try {
    await work();
  } finally {
    admission.release(bytes);
  }
}
