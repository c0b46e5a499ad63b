// Takes in what evaluation runs recorded beside the gateway: each run has a spool of its own in the data folder, which stays until its
// rows are in the ledger. A spool that a run still holds is left to it.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import { BinnacleError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { lockFolder, type FolderLock } from '../storage/folder-lock.ts';
import type { Ingestor } from '../storage/ledger/ingest-range.ts';
import { carrySpool } from '../storage/spool/carry-spool.ts';
import { openSpool } from '../storage/spool/spool.ts';
import { RUN_SPOOLS } from './evaluation-gateway.ts';

export interface RunSpoolParts {
  readonly dataFolder: string;
  readonly ingestor: Ingestor;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One pass over all run spools; answers how many are done with. Rejects when the ledger takes nothing: the next pass goes on. */
export async function takeRunSpools(parts: RunSpoolParts): Promise<number> {
  const folder = join(parts.dataFolder, RUN_SPOOLS);
  const names = await readdir(folder).catch(() => []);
  let done = 0;
  for (const name of names.sort((one, other) => (one < other ? -1 : 1)))
    if (await takeOne(join(folder, name), parts)) done += 1;
  return done;
}

async function takeOne(directory: string, parts: RunSpoolParts): Promise<boolean> {
  const { clock, logger, ingestor } = parts;
  const lock = await free(directory, clock);
  if (lock === null) return false;
  try {
    const spool = await openSpool({ directory, durability: 'durable', clock, logger });
    try {
      while ((await carrySpool(spool, (range, bytes) => ingestor.ingestRange({ ...range, bytes }))) > 0);
      if (spool.figures().unacknowledgedBytes > 0) return false;
    } finally {
      await spool.close();
    }
    await rm(directory, { recursive: true, force: true });
    return true;
  } finally {
    lock.release();
  }
}

async function free(directory: string, clock: Clock): Promise<FolderLock | null> {
  try {
    return await lockFolder({ directory, holder: 'binnacle up (taking in a run)', startedAt: clock.now() });
  } catch (error) {
    if (error instanceof BinnacleError && error.code === 'folder_owned') return null;
    throw error;
  }
}
