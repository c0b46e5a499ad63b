// What a request is told that is not let in: when to come back, at once, before its body is read. Such answers are made once and given as they
// are: thousands a second must cost less than the requests that are let in.
import type { IncomingMessage } from 'node:http';
import { BinnacleError } from '../kernel/errors.ts';
import type { Admission, Verdict } from '../limits/admission.ts';
import type { InboundShape } from '../wire/shape.ts';
import { errorHeaders } from './error-reply.ts';
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

interface Ready {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

type ErrorShape = Pick<InboundShape, 'writeError'>;

/** Refusals by API shape, reason and time: some dozen in all, since times are a few whole seconds. */
const ready = new WeakMap<ErrorShape, Map<string, Ready>>();

function readyRefusal(shape: ErrorShape, refusal: Refusal): Ready {
  let own = ready.get(shape);
  if (own === undefined) ready.set(shape, (own = new Map<string, Ready>()));
  const name = `${refusal.reason} ${refusal.retryAfterSeconds}`;
  const known = own.get(name);
  if (known !== undefined) return known;
  const error = overloaded(refusal);
  const body = shape.writeError(error);
  const about = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))];
  const made = { status: error.httpStatus, headers: [...errorHeaders(error), ...about], body };
  own.set(name, made);
  return made;
}

/** Answers a request that is not let in. */
export function shed(incoming: IncomingMessage, reply: Reply, shape: ErrorShape, refusal: Refusal): void {
  const length = Number(incoming.headers['content-length'] ?? Infinity);
  if (!(length <= READ_AWAY_BYTES)) throw overloaded(refusal);
  incoming.resume();
  const { status, headers, body } = readyRefusal(shape, refusal);
  reply.sendReady(status, headers, body);
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
