// Behaviour in the console put together: live answers and probes watched for drift, and what moved looked for where something changed.
import { CauseDesk } from '../console/monitoring/cause-desk.ts';
import { openDriftIncident } from '../console/monitoring/drift-incidents.ts';
import { DriftWatch } from '../console/monitoring/drift-watch.ts';
import type { Incidents } from '../console/monitoring/incidents.ts';
import type { Schedule } from '../console/schedule.ts';
import type { SnapshotSource } from '../console/snapshot-source.ts';
import { sentenceEncoder } from '../embeddings/sentence-encoder.ts';
import { loadLanguageDetector } from '../routing/detect-language.ts';
import { isRefusal } from '../text/refusal.ts';
import { probeModels, type ProbeParts } from './probes.ts';

export interface BehaviourParts extends ProbeParts {
  readonly schedule: Schedule;
  readonly snapshots: SnapshotSource;
}

export interface Behaviour {
  readonly causes: CauseDesk;
  /** A round of probes is cut short; what was asked is kept. */
  close(): Promise<void>;
}

const DRIFT_EVERY_MS = 30_000;
const PROBES_EVERY_MS = 10_000;
/** A round asks every question of every model. */
const LONGEST_ROUND_MS = 3_600_000;

/** Adds its jobs to the schedule. */
export function consoleBehaviour(parts: BehaviourParts, incidents: Incidents): Behaviour {
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
  const closeProbes = scheduleProbes(parts);
  return {
    causes,
    close: async () => {
      await closeProbes();
      await causes.settled();
    },
  };
}

function scheduleProbes(parts: BehaviourParts): () => Promise<void> {
  const stop = new AbortController();
  let round: Promise<unknown> = Promise.resolve();
  parts.schedule.add({
    name: 'probes',
    everyMilliseconds: PROBES_EVERY_MS,
    wedgedAfterMilliseconds: LONGEST_ROUND_MS,
    run: async () => {
      const asked = probeModels(parts, stop.signal);
      round = asked.catch(() => undefined);
      const told = await asked;
      if (told !== null) parts.logger.log('info', 'models probed', { ...told });
    },
  });
  return async () => {
    stop.abort();
    await round;
  };
}
