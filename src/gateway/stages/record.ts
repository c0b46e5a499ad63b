// Stages: the begin row before the upstream call (buffered, nobody waits), and the end row before the answer (as durable as configured).
import type { Clock } from '../../kernel/clock.ts';
import type { Spool } from '../../storage/spool/spool.ts';
import { redactStored, withoutFound } from '../guard/stored-text.ts';
import type { Exchange } from '../exchange.ts';
import type { InteractionOwners } from '../interaction-owners.ts';
import { beginRow, endRow, type StoredTexts } from '../rows.ts';
import type { Stage } from '../stage.ts';

export interface RecordServices {
  readonly clock: Clock;
  readonly spool: Pick<Spool, 'append' | 'appendDurable'>;
  /** Hears whose each interaction is. */
  readonly owners: InteractionOwners;
}

/** Throws `spool_unavailable` (503) before anything was paid for. */
export function recordBegin(services: RecordServices): Stage {
  return {
    name: 'record begin',
    enter(exchange) {
      services.spool.append(beginRow(exchange));
      services.owners.note(exchange.id, exchange.key?.id ?? exchange.asker?.keyId ?? '');
      exchange.begun = true;
    },
  };
}

/** How texts are stored: as privacy says; what guardrails found in a blocked or pseudonymised request is left out everywhere. */
function storedTexts({ prompt, snapshot, screening, outcome }: Exchange): StoredTexts {
  const privacy = prompt?.payloads ?? snapshot.snapshot.privacy.payloads;
  if (privacy !== 'full') return { payloads: privacy, redact: redactStored(screening) };
  const isSafe = screening === undefined || (outcome?.status !== 'blocked' && screening.pseudonyms === null);
  return { payloads: 'full', redact: isSafe ? null : withoutFound(screening) };
}

/** Refusals before the caller was known leave no row (strangers must not be able to fill the disk), nor does an answer given again. */
export function record(services: RecordServices): Stage {
  return {
    name: 'record',
    complete(exchange) {
      if (exchange.isReplay) return undefined;
      const refusedEarly = exchange.outcome?.status === 'error' && exchange.outcome.error.httpStatus === 401;
      if (!exchange.begun && refusedEarly) return undefined;
      const row = endRow(exchange, services.clock.monotonic(), storedTexts(exchange));
      return services.spool.appendDurable(row);
    },
  };
}
