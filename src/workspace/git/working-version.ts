// Where the working files of a version lie in history when the default branch does not have it yet: on a branch, before it is merged.
import type { Repository } from './repository.ts';

/** The commit that last touched a file of the workspace; null where it is not committed as it stands. */
export async function commitOfWorkingFile(repository: Repository, file: string): Promise<string | null> {
  const dirty = await repository.git.raw(['status', '--porcelain', '--', file]);
  if (dirty.trim() !== '') return null;
  const commit = (await repository.git.raw(['log', '-1', '--format=%H', '--', file])).trim();
  return commit === '' ? null : commit;
}
