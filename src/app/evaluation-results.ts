// Results of runs as they lie in the data folder.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunResult } from '../evaluation/run/run-result.ts';
import { UsageError } from '../kernel/errors.ts';
import { RUNS } from './evaluation-run.ts';

/** Ids of finished runs, newest first. */
export async function listRuns(dataFolder: string): Promise<string[]> {
  const names = await readdir(join(dataFolder, RUNS)).catch(() => []);
  return names
    .filter((name) => /^run_[0-9a-f]+\.json$/.test(name))
    .map((name) => name.slice(0, -'.json'.length))
    .sort()
    .reverse();
}

/** A run by its id, the beginning of one, or `last`. Throws a UsageError where there is none, or several. */
export async function readRun(dataFolder: string, named: string): Promise<RunResult> {
  const runs = await listRuns(dataFolder);
  const found = named === 'last' ? runs.slice(0, 1) : runs.filter((run) => run.startsWith(named));
  const [run] = found;
  if (run === undefined || (found.length > 1 && run !== named)) {
    const known =
      runs.length === 0 ? 'none yet: "binnacle eval run SUITE" makes one' : runs.slice(0, 5).join(', ');
    const what = run === undefined ? `There is no run "${named}"` : `"${named}" begins several runs`;
    throw new UsageError(`${what}. The newest: ${known}.`, 'run');
  }
  return JSON.parse(await readFile(join(dataFolder, RUNS, `${run}.json`), 'utf8')) as RunResult;
}
