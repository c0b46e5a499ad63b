// What a stage is, and the whole engine that runs an array of them.
//
// Way in: `enter` of each stage in the array's order, until one sets `exchange.answer` (a cache hit, the upstream's answer) or throws.
// Way out: the stages' `output` wrap the stream, in order, and the stage that has `deliver` sends it (or `inspect` sees the complete
// answer); then `complete` of every stage in the array's order, whatever happened: settle before record, record before the end mark.
import type { StreamChunk } from '../contract/canonical.ts';
import { BinnacleError } from '../kernel/errors.ts';
import type { Soon } from '../kernel/soon.ts';
import type { Exchange, Outcome, PrimedStream } from './exchange.ts';

export interface Stage {
  readonly name: string;
  /** May change the exchange, answer it, or throw a BinnacleError. Synchronous where nothing is waited for. */
  enter?(exchange: Exchange): Soon<void>;
  /** A complete answer on its way out. May replace it, or throw (a guardrail's block). */
  inspect?(exchange: Exchange): Soon<void>;
  /** A stream on its way out: what arrived together stays together where possible. May throw: the client gets an error event. */
  output?(
    exchange: Exchange,
    chunks: AsyncIterator<readonly StreamChunk[]>,
  ): AsyncIterator<readonly StreamChunk[]>;
  /** Sends a committed stream, all but its end mark. One stage has it. */
  deliver?(exchange: Exchange, chunks: AsyncIterator<readonly StreamChunk[]>): Promise<Outcome>;
  /**
   * Runs once for each stage and exchange when `exchange.outcome` is known, also for a stage the way in did not reach: it looks at the
   * exchange for what there is to do. A throw turns the outcome into an error; later stages still complete.
   */
  complete?(exchange: Exchange): Soon<void>;
}

/** Whatever was thrown, as an error that decides its status; a stranger is a 500 whose text stays inside. */
export function asBinnacleError(thrown: unknown): BinnacleError {
  if (thrown instanceof BinnacleError) return thrown;
  return new BinnacleError({
    code: 'internal_error',
    message: 'The gateway failed on this request; its log says more.',
    cause: thrown,
  });
}

function outcomeOf(thrown: unknown): Outcome {
  const error = asBinnacleError(thrown);
  return error.code === 'blocked_by_guardrail' ? { status: 'blocked', error } : { status: 'error', error };
}

/** Runs one exchange through the stages. Never throws; `report` hears of failures of our own making. */
export async function runStages(
  stages: readonly Stage[],
  exchange: Exchange,
  report: (thrown: unknown, stage: string) => void,
): Promise<void> {
  let name = '';
  try {
    for (const stage of stages) {
      if (exchange.answer !== null) break;
      if (stage.enter === undefined) continue;
      name = stage.name;
      const wait = stage.enter(exchange);
      if (wait !== undefined) await wait;
    }
    name = 'answer';
    exchange.outcome = await sendAnswer(stages, exchange);
  } catch (thrown) {
    exchange.outcome = exchange.reply.isGone ? { status: 'disconnected' } : outcomeOf(thrown);
    if (!(thrown instanceof BinnacleError)) report(thrown, name);
  }
  for (const stage of stages) {
    if (stage.complete === undefined) continue;
    try {
      const wait = stage.complete(exchange);
      if (wait !== undefined) await wait;
    } catch (thrown) {
      exchange.outcome = outcomeOf(thrown);
      if (!(thrown instanceof BinnacleError)) report(thrown, stage.name);
    }
  }
}

async function sendAnswer(stages: readonly Stage[], exchange: Exchange): Promise<Outcome> {
  if (exchange.answer === null) {
    throw new BinnacleError({ code: 'internal_error', message: 'No stage answered this request.' });
  }
  if (exchange.answer.kind !== 'stream') {
    for (const stage of stages) {
      const wait = stage.inspect?.(exchange);
      if (wait !== undefined) await wait;
    }
    return exchange.reply.isGone ? { status: 'disconnected' } : { status: 'ok' };
  }
  let chunks = withHeld(exchange.answer.stream);
  for (const stage of stages) chunks = stage.output?.(exchange, chunks) ?? chunks;
  const deliver = stages.find((stage) => stage.deliver !== undefined);
  return (await deliver?.deliver?.(exchange, chunks)) ?? { status: 'ok' };
}

/** The stream from its beginning: what was held back, then what follows. Nothing keeps what was given out. */
function withHeld(stream: PrimedStream): AsyncIterator<readonly StreamChunk[]> {
  return {
    next() {
      const { held } = stream;
      if (held === null) return stream.rest.next();
      stream.held = null;
      return Promise.resolve({ done: false, value: held });
    },
    return: async () => (await stream.rest.return?.()) ?? { done: true, value: undefined },
  };
}
