// Stages: the begin row before the upstream call (buffered, nobody waits), and the end row before the answer (as durable as configured).
import type { Clock } from '../../kernel/clock.ts';
import type { Spool } from '../../storage/spool/spool.ts';
import { beginRow, endRow, type RedactText } from '../rows.ts';
import type { Stage } from '../stage.ts';

export interface RecordServices {
  readonly clock: Clock;
  readonly spool: Pick<Spool, 'append' | 'appendDurable'>;
  readonly redact?: RedactText;
}

/** Throws `spool_unavailable` (503) before anything was paid for. */
export function recordBegin(services: RecordServices): Stage {
  return {
    name: 'record begin',
    enter(exchange) {
      services.spool.append(beginRow(exchange));
      exchange.begun = true;
    },
  };
}

/** Refusals before the caller was known leave no row: strangers must not be able to fill the disk. */
export function record(services: RecordServices): Stage {
  return {
    name: 'record',
    complete(exchange) {
      const refusedEarly = exchange.outcome?.status === 'error' && exchange.outcome.error.httpStatus === 401;
      if (!exchange.begun && refusedEarly) return undefined;
      const row = endRow(exchange, services.clock.now(), services.clock.monotonic(), services.redact);
      return services.spool.appendDurable(row);
    },
  };
}
