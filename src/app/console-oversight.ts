// The console's oversight put together: what is audited beside the acts themselves, signed checkpoints, erasing people, and their routes.
import { join } from 'node:path';
import { AuditCheckpoints } from '../console/audit-checkpoints.ts';
import { AuditServing } from '../console/audit-serving.ts';
import type { ErasedUsers } from '../console/erased-users.ts';
import { PersonErasures } from '../console/person-erasures.ts';
import type { Route } from '../console/route.ts';
import { auditRoutes } from '../console/routes/audit.ts';
import { peopleRoutes } from '../console/routes/people.ts';
import type { Schedule } from '../console/schedule.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { LedgerClient } from '../storage/ledger/ledger.ts';
import { AUDIT_KEY_FILE } from '../storage/state/audit-seal.ts';
import type { StateStore } from '../storage/state/state.ts';
import { readInstallation } from './installation.ts';

const CHECKPOINT_EVERY_MS = 5 * 60_000;
const ERASE_AGAIN_EVERY_MS = 60_000;
/** Both go through all that is kept. */
const LONGEST_MS = 10 * 60_000;

export interface OversightParts {
  readonly workspaceFolder: string;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly state: StateStore;
  readonly ledger: LedgerClient;
  readonly schedule: Schedule;
  /** Those erased, for gateways. */
  readonly erased: ErasedUsers;
}

export interface Oversight {
  readonly routes: readonly Route[];
  /** Hears of each snapshot that is served from now on. */
  readonly noteServed: (snapshot: Snapshot) => void;
  /** The last checkpoint; before the state store closes. */
  close(): Promise<void>;
}

export function consoleOversight(parts: OversightParts): Oversight {
  const { workspaceFolder, dataFolder, clock, logger, state, ledger, schedule, erased } = parts;
  const keyPath = join(dataFolder, AUDIT_KEY_FILE);
  const checkpoints = new AuditCheckpoints({ audit: state.audit, workspaceFolder, keyPath, clock, logger });
  const serving = new AuditServing(state, logger);
  let noted: Promise<void> = Promise.resolve();
  schedule.add({
    name: 'audit-checkpoint',
    everyMilliseconds: CHECKPOINT_EVERY_MS,
    wedgedAfterMilliseconds: LONGEST_MS,
    run: async () => void (await checkpoints.take()),
  });
  const erasures = new PersonErasures({
    ledger,
    state,
    clock,
    erased,
    workspaceName: async () => (await readInstallation(workspaceFolder)).settings.name,
  });
  schedule.add({
    name: 'person-erasure',
    everyMilliseconds: ERASE_AGAIN_EVERY_MS,
    wedgedAfterMilliseconds: LONGEST_MS,
    run: async () => {
      await erasures.repeat();
      await erased.refresh();
    },
  });
  return {
    routes: [...auditRoutes({ audit: state.audit, checkpoints }), ...peopleRoutes(erasures)],
    noteServed: (snapshot) => {
      noted = serving.note(snapshot);
    },
    close: async () => {
      await noted;
      await checkpoints.takeLast();
    },
  };
}
