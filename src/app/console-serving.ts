// What the console serves put together: the workspace compiled, with the keys of now and with what incidents changed for a while laid over.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ErasedUsers } from '../console/erased-users.ts';
import { KeyRing } from '../console/key-ring.ts';
import { Overrides } from '../console/monitoring/overrides.ts';
import { SnapshotSource } from '../console/snapshot-source.ts';
import { KEY_SECRET_FILE } from '../contract/internal.ts';
import type { KeySnapshot, Snapshot } from '../contract/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { StateStore } from '../storage/state/state.ts';
import { applyOverrides } from '../workspace/apply-overrides.ts';
import type { OpenedWorkspace } from '../workspace/open-workspace.ts';
import { blocksServing, formatProblem } from '../workspace/problem.ts';
import { watchWorkspace, type WatchedWorkspace } from '../workspace/watch-workspace.ts';
import { shippedPrices } from './catalogue.ts';
import { ensureToken } from './supervisor.ts';

export interface ConsoleServingParts {
  readonly workspaceFolder: string;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly state: StateStore;
  readonly erased: ErasedUsers;
  /** Hears of each snapshot that is served from now on. */
  readonly noteServed: (snapshot: Snapshot) => void;
}

export interface ConsoleServing {
  readonly snapshots: SnapshotSource;
  readonly workspace: WatchedWorkspace;
  readonly keys: KeyRing;
  readonly overrides: Overrides;
}

/** `laidOver`: the snapshot with what incidents changed for a while and who is erased. */
function publish(
  snapshots: SnapshotSource,
  opened: OpenedWorkspace,
  laidOver: (snapshot: Snapshot) => Snapshot,
  logger: Logger,
): void {
  if (opened.snapshot !== undefined) {
    snapshots.publish(laidOver(opened.snapshot));
    logger.log('info', 'snapshot published', {
      version: opened.snapshot.version,
      commit: opened.snapshot.workspace.commit,
    });
    return;
  }
  const texts = opened.problems.filter(blocksServing).map(formatProblem);
  snapshots.refuse(texts);
  logger.log('error', 'the workspace has errors; the last good snapshot goes on', { error: texts[0] });
}

/** Keys change at once, also while the working files do not compile: then the last good snapshot goes on with the keys of now. */
function publishKeys(snapshots: SnapshotSource, keys: readonly KeySnapshot[]): void {
  const snapshot = snapshots.served?.snapshot;
  if (snapshot === undefined || isDeepStrictEqual(snapshot.keys, keys)) return;
  const { errors } = snapshots;
  const version = createHash('sha256')
    .update(JSON.stringify([snapshot.version, keys]))
    .digest('hex');
  snapshots.publish({ ...snapshot, keys, version });
  snapshots.refuse(errors);
}

/** Reads the workspace and publishes it; from here on each change of files, keys or overrides does so again. */
export async function consoleServing(parts: ConsoleServingParts): Promise<ConsoleServing> {
  const { workspaceFolder, dataFolder, clock, logger, state, erased, noteServed } = parts;
  const snapshots = new SnapshotSource(noteServed);
  const laidOver = (snapshot: Snapshot): Snapshot =>
    erased.laidOver(applyOverrides(snapshot, overrides.live, clock.now()));
  const keys = new KeyRing({
    store: state.keys,
    audit: state.audit,
    clock,
    secret: () => ensureToken(join(dataFolder, KEY_SECRET_FILE)),
    served: () => snapshots.served?.snapshot ?? null,
    publish: async () => {
      await workspace.reload();
      publishKeys(snapshots, await keys.snapshots());
    },
  });
  const republish = (): void => {
    const good = workspace.serving();
    if (good !== undefined) publish(snapshots, { ...workspace.opened(), snapshot: good }, laidOver, logger);
  };
  const overrides = new Overrides({
    documents: state.documents,
    audit: state.audit,
    clock,
    republish,
  });
  const workspace: WatchedWorkspace = await watchWorkspace({
    directory: workspaceFolder,
    around: { clock, cataloguePrices: shippedPrices, keys: () => keys.snapshots() },
    logger,
    onChange: (opened) => publish(snapshots, opened, laidOver, logger),
  });
  await overrides.refresh();
  erased.republish = republish;
  await erased.refresh();
  publish(snapshots, workspace.opened(), laidOver, logger);
  return { snapshots, workspace, keys, overrides };
}
