// What the console's part in evaluation needs of the rest of the console.
import type { Schedule } from '../console/schedule.ts';
import type { SnapshotSource } from '../console/snapshot-source.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Ingestor } from '../storage/ledger/ingest-range.ts';
import type { LedgerClient } from '../storage/ledger/ledger.ts';
import type { StateStore } from '../storage/state/state.ts';
import type { Environment } from '../workspace/environment.ts';
import type { RaisedSampling } from '../workspace/apply-overrides.ts';
import type { OpenedWorkspace } from '../workspace/open-workspace.ts';

export interface ConsoleEvaluationParts {
  readonly workspaceFolder: string;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly environment: Environment;
  readonly ledger: LedgerClient;
  readonly state: StateStore;
  readonly snapshots: SnapshotSource;
  readonly schedule: Schedule;
  readonly ingestor: Ingestor;
  readonly workspace: () => OpenedWorkspace;
  /** What of live traffic is graded now, with what incidents raised. */
  readonly sampling: () => RaisedSampling;
}
