// Behaviour in the console put together: live answers and probes watched for drift, and what moved looked for where something changed.
import { CauseDesk } from '../console/monitoring/cause-desk.ts';
import { openDriftIncident } from '../console/monitoring/drift-incidents.ts';
import { DriftWatch } from '../console/monitoring/drift-watch.ts';
import type { Incidents } from '../console/monitoring/incidents.ts';
import type { Schedule } from '../console/schedule.ts';
import type { SnapshotSource } from '../console/snapshot-source.ts';
import { sentenceEncoder } from '../embeddings/sentence-encoder.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { loadLanguageDetector } from '../routing/detect-language.ts';
import type { LedgerClient } from '../storage/ledger/ledger.ts';
import type { StateStore } from '../storage/state/state.ts';
import { isRefusal } from '../text/refusal.ts';

export interface BehaviourParts {
  readonly ledger: LedgerClient;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly schedule: Schedule;
  readonly snapshots: SnapshotSource;
}

const DRIFT_EVERY_MS = 30_000;

/** Adds its job to the schedule. */
export function consoleBehaviour(parts: BehaviourParts, incidents: Incidents): CauseDesk {
  const { ledger, state, clock, logger, schedule, snapshots } = parts;
  const { documents } = state;
  const encoder = sentenceEncoder();
  const detector = loadLanguageDetector();
  const causes = new CauseDesk({
    ledger,
    incidents,
    clock,
    logger,
    served: () => snapshots.served?.snapshot ?? null,
    embed: (texts) => encoder.embed(texts),
    detectLanguage: async (text) => (await detector)(text),
  });
  const watchDrift = async (): Promise<DriftWatch> =>
    new DriftWatch({
      ledger,
      documents,
      clock,
      isRefusal,
      detectLanguage: await detector,
      found: (findings) =>
        openDriftIncident({ documents, ledger, incidents, desk: causes, isRefusal }, findings),
    });
  let drift: DriftWatch | undefined;
  schedule.add({
    name: 'drift',
    everyMilliseconds: DRIFT_EVERY_MS,
    run: async () => (drift ??= await watchDrift()).read(),
  });
  return causes;
}
